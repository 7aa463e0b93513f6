"""What the desk's templates show, made from what the engine knows. Reads only."""
