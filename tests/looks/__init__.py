"""Every page in a real browser, at the width of a phone and of a desk: can everybody use it?

The pages are those of the access matrix (tests/matrix): a new route is looked at as soon as it has
its row there. axe-core checks WCAG 2.2 A and AA and its best practices; measure.js what axe does
not: sideways scrolling, targets too small for a thumb, one main heading, text that is too small.
"""
