"""Where to go that is really open: facilities, their hours, reports about them, the call-down."""
