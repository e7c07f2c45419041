"""The assessment: marks that events give and take back, and the cards made of them."""
