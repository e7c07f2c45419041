"""The pages: an API answer, drawn. They ask the routes their reader could ask himself, and so can show nothing else."""
