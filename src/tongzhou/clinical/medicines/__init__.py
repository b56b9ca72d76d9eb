"""What the medicines in a drawer may and may not do together, from reviewed data.

`catalogue` reads the data, `names` recognises a product, `drawer` checks, `findings` says it.
The browser does the same offline from `tongzhou.clinical.export`; a test finds both equal.
"""
