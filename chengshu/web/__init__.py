"""The site shell; its first part is the command line `chengshu`."""
