"""vaelib: the helper package of the course on variational autoencoders.

Data flows one way: data, model, objective, gradients, training, exact theory and diagnostics, style and live, lessons.
"""
