"""Addresses of the delivery app."""

from django.urls import path

from .views import board, discrepancies, drive, parcels, receive, shipments

urlpatterns = [
    path("c/<slug:name>.js", receive.script, name="parcel-script"),
    path("c/<str:token>/", receive.receive, name="receive"),
    path("trace/parcels/<str:public_id>/claim/", receive.claim, name="claim"),
    path("desk/shipments/", shipments.shipments, name="shipments"),
    path("desk/shipments/leave/", shipments.leave_many, name="shipments-leave"),
    path("desk/shipments/reports/", shipments.tracking, name="tracking"),
    path("desk/shipments/<str:public_id>/", shipments.shipment, name="shipment"),
    path("desk/shipments/<str:public_id>/packed/", shipments.packed, name="shipment-packed"),
    path("desk/shipments/<str:public_id>/leave/", shipments.leave, name="shipment-leave"),
    path("desk/shipments/<str:public_id>/receive/", shipments.arrive, name="shipment-receive"),
    path("desk/shipments/<str:public_id>/postpone/", shipments.postpone, name="shipment-postpone"),
    path("desk/shipments/<str:public_id>/lost/", shipments.lost, name="shipment-lost"),
    path("desk/shipments/<str:public_id>/report/", shipments.report, name="shipment-report"),
    path("desk/shipments/<str:public_id>/waybill.pdf", shipments.waybill, name="waybill"),
    path("desk/parcels/", parcels.parcels, name="parcels"),
    path("desk/parcels/<str:code>/", parcels.county, name="county-parcels"),
    path("desk/parcels/<str:code>/pack/<int:run_id>/", parcels.pack, name="parcels-pack"),
    path("desk/parcels/<str:code>/leave/", parcels.send_out, name="parcels-leave"),
    path("desk/parcels/<str:code>/labels.pdf", parcels.labels, name="labels"),
    path("desk/parcels/<str:code>/slips.pdf", parcels.slips, name="slips"),
    path("desk/parcel/<str:public_id>/", parcels.parcel, name="parcel"),
    path("desk/parcel/<str:public_id>/receipt/", parcels.enter, name="parcel-receipt"),
    path("desk/parcel/<str:public_id>/lost/", parcels.lost, name="parcel-lost"),
    path("desk/parcel/<str:public_id>/new-slip/", parcels.new_slip, name="parcel-new-slip"),
    path("desk/parcel/<str:public_id>/slip.pdf", parcels.slip, name="parcel-slip"),
    path("desk/parcel/<str:public_id>/photo/<int:receipt_id>.jpg", parcels.photo, name="photo"),
    path("desk/discrepancies/", discrepancies.discrepancies, name="discrepancies"),
    path("desk/discrepancies/<int:pk>/", discrepancies.discrepancy, name="discrepancy"),
    path("desk/board/", board.board, name="board"),
    path("desk/board/<str:code>/", board.county, name="board-county"),
    path("desk/tasks/", board.tasks, name="tasks"),
    path("desk/tasks/<int:pk>/done/", board.close, name="task-close"),
    path("desk/slice/<str:code>.json", drive.slice_of_county, name="slice"),
    path("desk/drive/<slug:name>.js", receive.script, name="drive-script"),
    path("desk/drive/county/<str:code>/", drive.round_of_county, name="drive-county"),
    path("desk/drive/<str:public_id>/", drive.round_of, name="drive"),
]
