"""Lessons: claims of books to predict, run, see and judge, alone or as a class."""

from dashboard.app_pages.lessons.choices import asked
from dashboard.app_pages.lessons.listing import all_lessons
from dashboard.app_pages.lessons.one import one_lesson
from dashboard.app_pages.lessons.scope import say_class

place = asked()
if place.lesson is None:
    all_lessons(place)
else:
    say_class(place)
    one_lesson(place.lesson, place)
