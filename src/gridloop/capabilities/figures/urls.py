from django.urls import path

from gridloop.capabilities.figures.views import briefs, exclusions, registers, scores

app_name = "figures"
urlpatterns = [
    path("", scores.home, name="home"),
    path("scores.xlsx", scores.export, name="export"),
    path("cases/", scores.cases, name="cases"),
    path("formula/", scores.formula, name="formula"),
    path("exclusions/", exclusions.exclusions, name="exclusions"),
    path("exclusions/ask/<uuid:case_id>/", exclusions.ask, name="ask"),
    path("exclusions/<uuid:exclusion_id>/decide/", exclusions.decide, name="decide"),
    path("registers/", registers.registers, name="registers"),
    path("registers/new/", registers.edit, name="register_new"),
    path("registers/files/<uuid:file_id>/", registers.register_file, name="register_file"),
    path("registers/<str:key>/", registers.register, name="register"),
    path("registers/<str:key>/edit/", registers.edit, name="register_edit"),
    path("registers/<uuid:key>/drop/", registers.drop, name="register_drop"),
    path("briefs/", briefs.briefs, name="briefs"),
    path("briefs/<uuid:brief_id>.<str:extension>", briefs.brief_file, name="brief_file"),
]
