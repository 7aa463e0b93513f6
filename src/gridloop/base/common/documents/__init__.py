"""
Letters, reports and briefs, written once and given as Word and as PDF, laid out as official papers are
(依据: GB/T 9704-2012 党政机关公文格式).

    paper = Document("城市运行日报", subtitle="2026年11月24日")
    paper.heading("一、总体情况")
    paper.paragraph("今日受理案件 35 件。")
    paper.facts([("承办单位", "城管办"), ("期限", "2026年11月30日")])
    paper.table(["单位", "件数"], [["城管办", 12]], widths=[3, 1])
    paper.picture(png, caption="近 30 天上报与办结", alt="……")
    paper.sign("云汀镇城市运行指挥中心", "2026年11月24日")
    word, pdf = paper.to_docx(), paper.to_pdf()
"""

from gridloop.base.common.documents.fonts import NoChineseFont, chart_font, chinese_fonts
from gridloop.base.common.documents.paper import DOCX, PDF, Document

__all__ = ["DOCX", "PDF", "Document", "NoChineseFont", "chart_font", "chinese_fonts"]
