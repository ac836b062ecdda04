"""What goes out: notices to citizens, and events to the systems that asked for them.

Reads what `triage.desk` has written; nothing here changes an order.
"""
