"""Three regions on one machine, living through whole applications."""
