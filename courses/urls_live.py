"""URLs of live sessions, check-in, rooms, tests, skills and surveys."""

from django.urls import path

from courses.views import checkin, quiz, room, sessions, skills, surveys

urlpatterns = [
    path("learn/sessions/", sessions.session_list, name="calendar"),
    path("learn/sessions/plan/", sessions.plan, name="plan_session"),
    path("learn/sessions/<uuid:uuid>/hub/", sessions.hub, name="hub"),
    path("learn/sessions/<uuid:uuid>/hub/now/", sessions.hub_now, name="hub_now"),
    path("learn/sessions/<uuid:uuid>/hub/qr/", sessions.hub_qr, name="hub_qr"),
    path("learn/sessions/<uuid:uuid>/move/", sessions.move, name="move_session"),
    path("learn/sessions/<uuid:uuid>/attendance/", sessions.attendance_desk, name="attendance"),
    path("learn/sessions/<uuid:uuid>/override/", sessions.override, name="override"),
    path("learn/sessions/<uuid:uuid>/take-back/<int:pk>/", sessions.take_back, name="take_back"),
    path("learn/sessions/<uuid:uuid>/settle/", sessions.settle, name="settle"),
    path("learn/check-in/", checkin.check_in, name="check_in"),
    path("learn/check-in/<uuid:uuid>/", checkin.check_in, name="check_in"),
    path("learn/room/", room.rooms, name="rooms"),
    path("learn/room/join/", room.join, name="join_room"),
    path("learn/room/<int:pk>/", room.desk, name="room"),
    path("learn/room/<int:pk>/tick/", room.tick, name="tick"),
    path("learn/room/<int:pk>/add/", room.add, name="add_stranger"),
    path("learn/room/<int:pk>/confirm/", room.attest, name="attest"),
    path("learn/room/<int:pk>/qr/", room.room_qr, name="room_qr"),
    path("learn/room/<int:pk>/qr/now/", room.room_qr_now, name="room_qr_now"),
    path("learn/room/<int:pk>/qr/picture/", room.room_qr_picture, name="room_qr_picture"),
    path("learn/room/<int:pk>/sheet/", room.sheet, name="sheet"),
    path("learn/tests/start/<int:pk>/<int:lesson>/", quiz.start, name="start_attempt"),
    path("learn/tests/<int:pk>/", quiz.attempt, name="attempt"),
    path("learn/tests/<int:pk>/answers/", quiz.answers, name="answers"),
    path("learn/tests/<int:pk>/review/", quiz.review, name="review"),
    path("learn/tests/<int:pk>/submit/", quiz.submit, name="submit"),
    path("learn/tests/<int:pk>/result/", quiz.result, name="result"),
    path("learn/skills/", skills.waiting, name="skills"),
    path("learn/skills/<int:pk>/<int:lesson>/", skills.observe, name="observe"),
    path("learn/surveys/<int:pk>/<int:lesson>/", surveys.survey, name="survey"),
]
