"""What goes on by itself: views follow, deadlines lapse, quarters close, views are built anew."""
