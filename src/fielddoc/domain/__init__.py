"""What a record is: pure rules over plain values; standard library and rfc8785 only."""
