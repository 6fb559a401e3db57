"""A new connector's files, in every place that is named after a vendor.

Belongs here: the template and putting it in place. What a connector is made of is told by what the
template holds; nothing of the product reads this room.
"""
