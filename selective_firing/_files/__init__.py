"""Files that are whole or not there, archives of arrays, and workers that end with the process that started them."""
