./manage.py lms migrate proctored_results

{% if PROCTORED_RESULTS_ASIDES -%}
# If the site has already decided about asides, its decision stays.
./manage.py lms shell -c '
from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig
if not XBlockAsidesConfig.objects.exists():
    XBlockAsidesConfig.objects.create(enabled=True)
    print("XBlock asides are switched on: learners see their result on the page of the exam.")
elif not XBlockAsidesConfig.current().enabled:
    print("XBlock asides stay switched off, as the newest row of LMS XBlock > X block asides configs says.")
'
{%- endif %}

{% if PROCTORED_RESULTS_REJECTED_EXAMS_SCORE_ZERO -%}
./manage.py lms waffle_flag grades.rejected_exam_overrides_grade --everyone --create
{%- endif %}

{% if PROCTORED_RESULTS_PRIVATE_REPORTS -%}
./manage.py lms proctored_results_move_reports --if-private /openedx/media/grades
{%- endif %}
