"""Word tables about names and domains, to be read and grown; used only beside other evidence."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES = _words("""
    van de der den het ten ter te von zu zum zur du des la le di da del della dos op in 't 's bin al el y und van't
""")

SUFFIXES = _words("""
    jr sr ii iii iv phd md mba msc bsc ma ba esq ra cpa rn dds jd llm mr mrs ms dr drs ir ing
""")

TITLES = _words("""
    dr drs ir ing prof mr mrs ms mevr dhr mw hr fr phd md msc bsc mba jr sr
""")

COMPANY = _words("""
    inc ltd llc llp gmbh bv nv vof corp co sa ag plc oy ab as kg srl sarl pty limited
""")

# Words that make a display name an organisation's or a service's, not a person's.
NOT_PERSONAL = _words("""
    support team info service services helpdesk desk sales office newsletter nieuwsbrief notifications notification
    customer klantenservice receptie secretariaat administratie redactie department afdeling group groep university
    universiteit foundation stichting vereniging gemeente marketing press billing webmaster admin administrator
    postmaster system shop webshop store winkel bank club company bedrijf solutions consulting academy school college
    hotel restaurant online hosting insurance verzekeringen museum theater bibliotheek praktijk advies makelaars media
    events magazine news nieuws systems software technologies staff everyone iedereen weekly daily deals offers
    aanbiedingen conference meeting vergaderzaal vergaderruimte
""")

# Domains anybody can have an address at. First labels for providers under many endings, whole domains for the others.
FREE_LABELS = _words("""
    gmail googlemail outlook hotmail live msn yahoo ymail rocketmail gmx aol icloud proton protonmail fastmail posteo
    mailbox soverin tutanota tutamail zoho yandex mailfence startmail hushmail freenet web rediffmail
""")

# First labels under which a house gives addresses to its users, who are not its people.
HOSTED = _words("""
    users user members member
""")

FREE_DOMAINS = _words("""
    me.com mac.com pm.me mail.com mail.ru bk.ru inbox.ru list.ru qq.com 163.com 126.com sina.com naver.com daum.net
    hey.com t-online.de arcor.de 1und1.de online.de email.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it
    virgilio.it tiscali.it tiscali.nl tiscali.co.uk btinternet.com sky.com virginmedia.com ntlworld.com comcast.net
    verizon.net att.net sbcglobal.net cox.net earthlink.net bellsouth.net shaw.ca rogers.com bigpond.com telenet.be
    skynet.be proximus.be scarlet.be bluewin.ch seznam.cz wp.pl o2.pl onet.pl interia.pl iki.fi cs.com
    pobox.com online.fr club-internet.fr freesurf.fr nerim.net ocn.ne.jp so-net.ne.jp biglobe.ne.jp nifty.com
    ziggo.nl ziggomail.com kpnmail.nl kpnplanet.nl xs4all.nl planet.nl hetnet.nl home.nl upcmail.nl upc.nl telfort.nl
    telfortglasvezel.nl casema.nl chello.nl quicknet.nl tele2.nl zeelandnet.nl solcon.nl onsnet.nu versatel.nl
    wanadoo.nl zonnet.nl wxs.nl euronet.nl orange.nl caiway.nl caiway.net kabelfoon.nl kabelfoon.net online.nl
    zinders.nl freeler.nl 12move.nl box.nl multiweb.nl delta.nl concepts.nl filternet.nl hccnet.nl dds.nl lijbrandt.nl
    t-mobilethuis.nl
""")

# Endings under which names are given out one level deeper: a small table of the common ones.
TWO_LEVELS = _words("""
    co.uk ac.uk org.uk gov.uk net.uk ltd.uk plc.uk me.uk co.nz ac.nz org.nz govt.nz net.nz co.za ac.za org.za gov.za
    co.il ac.il org.il co.kr ac.kr or.kr co.th ac.th co.id ac.id com.au edu.au org.au gov.au net.au id.au com.br edu.br
    org.br gov.br com.cn edu.cn org.cn com.tw edu.tw org.tw com.hk edu.hk com.sg edu.sg com.mx com.ar edu.ar com.tr
    edu.tr com.pl edu.pl org.pl gov.pl net.pl gda.pl waw.pl poznan.pl com.my co.jp ac.jp or.jp ne.jp go.jp gr.jp ad.jp
    co.in ac.in org.in net.in co.at or.at ac.at ac.be msk.ru spb.ru com.ua
""")

# Names of rooms and things as calendars hold them, in Dutch and English. "Jan Kamer" and "Piet Zaal" are people.
ROOM = re.compile(
    r"\b(conference|meeting|board|class|huddle|zoom|teams|training)[ -]?room\b|\broom \d|\blecture (hall|theatre)\b|"
    r"\b(vergader|spreek|overleg|bespreek|college|les|gym|concert|directie|kantine)(zaal|ruimte|kamer|lokaal)|"
    r"^(zaal|ruimte|lokaal|kamer) \S|^(huddle|cabin|booth|cel) \d|\b(beamer|projector|auditorium|aula|boardroom)\b|"
    r"\b(pool ?car|lease ?auto|dienstauto|poolauto|stilteruimte|meeting point)\b",
    re.IGNORECASE,
)
