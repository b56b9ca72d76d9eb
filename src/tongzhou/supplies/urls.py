"""Addresses of funds, orders, stock and the ledger."""

from django.urls import path

from .views import funds, items, orders, stock

urlpatterns = [
    path("desk/funds/", funds.funds, name="funds"),
    path("desk/funds/new/", funds.new_fund, name="fund-new"),
    path("desk/funds/<str:public_id>/", funds.fund, name="fund"),
    path("desk/funds/<str:public_id>/confirm/", funds.confirm, name="fund-confirm"),
    path("desk/funds/<str:public_id>/receive/", funds.receive, name="fund-receive"),
    path("desk/funds/<str:public_id>/close/", funds.close, name="fund-close"),
    path("desk/funds/<str:public_id>/withdraw/", funds.withdraw, name="fund-withdraw"),
    path("desk/items/", items.items, name="items"),
    path("desk/items/new/", items.new_item, name="item-new"),
    path("desk/orders/", orders.orders, name="orders"),
    path("desk/orders/new/", orders.new_order, name="order-new"),
    path("desk/orders/<str:number>/", orders.order, name="order"),
    path("desk/orders/<str:number>/place/", orders.place, name="order-place"),
    path("desk/orders/<str:number>/to/<slug:state>/", orders.advance, name="order-advance"),
    path("desk/orders/<str:number>/batch/", orders.receive, name="order-batch"),
    path("desk/orders/<str:number>/pay/", orders.pay, name="order-pay"),
    path("desk/orders/<str:number>/close/", orders.close, name="order-close"),
    path("desk/batches/<int:pk>/undo/", orders.undo, name="batch-undo"),
    path("desk/stock/", stock.stock, name="stock"),
    path("desk/stock/<str:code>/", stock.place_stock, name="stock-place"),
    path("desk/ledger/moves/<int:pk>/", stock.move, name="ledger-move"),
]
