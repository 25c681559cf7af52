"""What belongs to one lesson, in one room; what two rooms share stands beside them."""
