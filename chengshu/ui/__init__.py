"""How every page looks: layout, components, tables, charts, forms, exports; and the files that browsers fetch."""
