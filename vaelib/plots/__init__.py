"""Each picture, drawn on axes it is given. A picture that moves has `artists`, and `show` moves them."""
