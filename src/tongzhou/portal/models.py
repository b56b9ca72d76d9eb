"""The portal keeps nothing of its own: it shows what the apps below it keep."""
