"""Every route x role x relation: who may open what, and that nothing of others is ever shown.

The test walks all addresses of the project, API operations included, and looks each up in the table
(`rows/<app>.py`, one line a route). A route without a row fails; so does a row without a route, and
a row whose access differs from what the view itself says (`kit.access`).

How to add a route: one line in `rows/<app>.py`.

    page("shipment", "shipments.view", shipment)         # one object; elsewhere it is not there
    page("shipment-leave", "shipments.dispatch", shipment, posts=True)    # ... and takes a form
    listing("shipments", "shipments.view", shipment)     # the objects of the reader's area
    form("fund-new", "funds.edit")                       # no object in the address
    own("account")                                       # about the reader's own account
    open_to_all("donation", fund)                        # public, without anything personal
    part_of("parcel", "parcels.view", "parcels.enter_receipt", receipt, part="names")
    by_secret("receive", parcel)                         # whoever has the address, else 404
    api_page("parcels/<public_id>", "parcels.view", parcel)    # by its pattern below /api/v1/
    api_listing("parcels", "parcels.view", parcel)

A page's object comes from a builder: a function `(Making) -> Built` that stores one object at
`making.division` with `making.token` in every name, number and personal field, and gives back

    Built(kwargs={"pk": 7}, marks=("/desk/shipments/7/",), secrets=(making.token,), data={...})

`kwargs` fill the address; `marks` are texts a reader in reach sees on the page or list (they
prove that the test can see); `secrets` are texts that nobody out of reach may see in any answer;
`data` is what a form posts. A builder of a kind of object is written once, for all its routes.

What is checked for each row, role and relation (own, child, sibling, parent, prefix trap, foreign,
none; and, for rows narrowed to an organisation, another organisation's object):

1. In reach, by an oracle that walks the ancestors itself and never looks at the numbering: the page
   opens and shows the marks.
2. Out of reach: 404 or 403 (a redirect to sign-in or 401 for strangers), with no secret in it, no
   name of a foreign division, and the same answer as for an object that does not exist.
3. A form posted out of reach leaves no event behind.
4. Objects out of reach change no byte of a page: it is read before and after they are made, which
   finds leaks by count, sum, order, search and export too.

Which method is tried for whom: whoever holds the permission tries every method on everything;
whoever lacks it tries every method at their own division and one elsewhere. PostgreSQL repeats only
what asks the database: the holders of the permission, and everybody at their own division.

`rule=` says when "in reach" is not "the object's division lies inside mine": `touching` (also what
lies around me, as a nation's campaign for a county), `anywhere` (held at any division) and
`at_the_top` (held at the root of the tree: rows of the whole installation). `same=False`, with the
reason as `why`, lets a page show totals of what lies outside, as figures without names.
"""
