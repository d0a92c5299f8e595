"""One kind of field a file, and the form that is made of them from the declarations."""
