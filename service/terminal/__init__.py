"""What the commands of the terminal do and say; `service.cli` names them."""
