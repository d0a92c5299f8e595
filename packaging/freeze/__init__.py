"""From the checkout to what a defender gets: the frozen program, its packages, what is in them."""
