"""Reports: tables, figures and run folders. The only package that imports matplotlib."""
