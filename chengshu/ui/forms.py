"""How forms look: one renderer for all of them."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Forms and fields by our own templates, widgets by Django's."""

    form_template_name = "ui/form.html"
    field_template_name = "ui/field.html"
