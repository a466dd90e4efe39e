"""
Accounts and learners.

The learners are not real people. Each number combines a common given name and a common family name of one script.
"""

from common.djangoapps.student.models import CourseAccessRole, CourseEnrollment, UserProfile
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password

from lms_sandbox.seed.courses import MAIN, WITHOUT_EXAMS

User = get_user_model()

PASSWORD = "edx"
LEARNERS = 300
TRACKS = ("verified",) * 6 + ("audit",) + ("verified",) * 6 + ("honor",) + ("verified",) * 6 + ("masters",)
ONE_IN_LEFT = 41

#: User name -> (full name, global staff?, course roles).
ACCOUNTS = {
    "admin": ("Sandbox Admin", True, ()),
    "instructor": ("Sandbox Instructor", False, ("staff", "data_researcher")),
    "staff": ("Sandbox Staff", False, ("staff",)),
    "researcher": ("Sandbox Researcher", False, ("data_researcher",)),
    "learner": ("Sandbox Learner", False, ()),
}

#: (family name first?, given names, family names), a line per script or language.
NAMES = (
    (False, "Emma Liam Olivia Noah Grace Jack Chloe Oscar", "Smith Taylor Brown Wilson Clark Hall O'Brien Lee"),
    (False, "José Lucía Mateo Sofía Álvaro Inés Martín Núria", "García Núñez Muñoz Ibáñez Peña Gómez López Ruiz"),
    (False, "Zoë Søren Björn Jürgen Åsa Günther Maëlle Łukasz", "Müller Sørensen Björk Łoś Öztürk Šimić Dvořák Groß"),
    (False, "Анна Иван Ольга Пётр Юлия Сергей Дарья Олег", "Иванова Петров Ким Шевченко Попов Цой Бойко Орлов"),
    (False, "Μαρία Γιώργος Ελένη Νίκος Σοφία Πέτρος Άννα Κώστας", "Παππάς Βλάχος Δήμου Ράπτης Νικολάου Μακρής"),
    (False, "أحمد فاطمة محمد مريم علي ليلى يوسف سارة", "حداد نجار خوري صباغ حسن منصور"),
    (False, "נועה דוד תמר יוסף מאיה איתי שרה אורי", "כהן לוי מזרחי פרץ ביטון אברהם"),
    (False, "अनन्या राहुल प्रिया अर्जुन दीपा विक्रम", "शर्मा सिंह पटेल गुप्ता राव वर्मा"),
    (False, "สมชาย สุดา มานี ปิติ วีระ ชูใจ", "ใจดี แสงทอง ศรีสุข บุญมี ทองดี"),
    (False, "ნინო გიორგი მარიამი ლევანი ანა დავითი", "ბერიძე კაპანაძე გელაშვილი მაისურაძე"),
    (True, "伟 芳 娜 敏 静 强 磊 洋", "王 李 张 刘 陈 杨 赵 黄"),
    (True, "陽葵 蓮 結衣 大翔 葵 悠真", "佐藤 鈴木 高橋 田中 渡辺 伊藤"),
    (True, "서연 민준 지우 도윤 하은 예준", "김 이 박 최 정 강"),
)


def full_name(number):
    """Return the name of the learner with this number."""
    family_first, given, family = NAMES[number % len(NAMES)]
    turn = number // len(NAMES)
    given, family = given.split(), family.split()
    first, last = given[turn % len(given)], family[(turn + turn // len(given)) % len(family)]
    return f"{last} {first}" if family_first else f"{first} {last}"


def make_people():
    """Make the accounts and the learners, and enrol them; return the learners, the account `learner` first."""
    password = make_password(PASSWORD)
    accounts = [
        User(username=name, email=f"{name}@example.com", password=password, is_staff=is_staff, is_superuser=is_staff)
        for name, (_full_name, is_staff, _roles) in ACCOUNTS.items()
    ]
    names = [full_name for full_name, _is_staff, _roles in ACCOUNTS.values()]
    for number in range(1, LEARNERS + 1):
        username, domain = f"learner{number:03}", "example.org" if number % 3 == 0 else "example.com"
        accounts.append(User(username=username, email=f"{username}@{domain}", password=password))
        names.append(full_name(number))
    make_users(accounts, names)
    learners = accounts[len(ACCOUNTS) - 1 :]
    for course in (MAIN, WITHOUT_EXAMS):
        enrol(accounts[: len(ACCOUNTS)], course)
        give_roles(accounts[: len(ACCOUNTS)], course)
    enrol(learners[1:], MAIN)
    return learners


def give_roles(accounts, course_key):
    """Give the accounts their roles in a course."""
    CourseAccessRole.objects.bulk_create(
        CourseAccessRole(user=account, org=course_key.org, course_id=course_key, role=role)
        for account in accounts
        for role in ACCOUNTS[account.username][2]
    )


def make_users(users, names):
    """Store new users and their full names; the users get their ids."""
    User.objects.bulk_create(users, batch_size=500)
    ids = dict(User.objects.values_list("username", "id"))
    for user in users:
        user.pk = ids[user.username]
    UserProfile.objects.bulk_create(
        (UserProfile(user=user, name=name) for user, name in zip(users, names, strict=True)), batch_size=500
    )


def enrol(users, course_key):
    """Enrol users, most of them in the verified track; some have left again."""
    CourseEnrollment.objects.bulk_create(
        (
            CourseEnrollment(
                user=user,
                course_id=course_key,
                mode=TRACKS[number % len(TRACKS)],
                is_active=(number + 1) % ONE_IN_LEFT != 0,
            )
            for number, user in enumerate(users)
        ),
        batch_size=500,
    )
