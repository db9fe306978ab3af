"""Lessons: claims of books to predict, run, see and judge, alone or as a class."""

from dashboard.app_pages.lessons.choices import asked
from dashboard.app_pages.lessons.listing import all_lessons
from dashboard.app_pages.lessons.one import one_lesson
from dashboard.app_pages.lessons.scope import say_class
from dashboard.app_pages.lessons.write import write_lesson
from dashboard.state.address import get
from dashboard.state.lesson_link import WRITE

place = asked()
if get(WRITE):
    write_lesson(place)
elif place.lesson is None:
    all_lessons(place)
else:
    say_class(place)
    one_lesson(place.lesson, place)
