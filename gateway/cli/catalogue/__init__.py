"""`tongban catalogue`: what the catalogue says about itself."""
