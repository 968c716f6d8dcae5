"""What a folder or label is for, by its name in many languages. Called by `marks` and by the file adapter.

Only whole names count: a folder called "Sent by mother" is nobody's Sent folder. Names are as the mail programs and
providers write them in their own translations.
"""

from __future__ import annotations

import re
import unicodedata

_NAMES = {
    "sent": """
        sent; sent items; sent mail; sent messages; sentbox; outgoing; [gmail]/sent mail; verzonden;
        verzonden items; verzonden berichten; verzonden mail; verzonden post; gesendet; gesendete elemente;
        gesendete objekte; gesendete nachrichten; postausgang gesendet; envoyés; éléments envoyés;
        messages envoyés; courrier envoyé; envoyé; enviados; elementos enviados; mensajes enviados;
        correo enviado; enviada; enviadas; itens enviados; mensagens enviadas; e-mails enviados; enviats;
        elements enviats; inviata; inviati; posta inviata; messaggi inviati; elementi inviati; skickat;
        skickade; skickade objekt; skickade meddelanden; sendt; sendte; sendte elementer; sendt post; lähetetyt;
        lähetetyt viestit; wysłane; elementy wysłane; odeslané; odeslaná pošta; odoslané; odoslaná pošta;
        elküldött; elküldött elemek; elküldött üzenetek; trimise; elemente trimise; mesaje trimise; poslano;
        poslana pošta; poslane poruke; отправленные; надіслані; изпратени; послато; απεσταλμένα; gönderilmiş;
        gönderilmiş öğeler; gönderilmiş postalar; saadetud; nosūtītie; išsiųsti; 送信済み; 送信済みアイテム;
        送信済みメール; 已发送; 已发送邮件; 寄件備份; 已傳送的郵件; 보낸편지함; 보낸 편지함; נשלח;
        פריטים שנשלחו; المرسلة; البريد المرسل
    """,
    "draft": """
        draft; drafts; [gmail]/drafts; concepten; entwurf; entwürfe; brouillon; brouillons; borrador;
        borradores; rascunho; rascunhos; esborranys; bozza; bozze; utkast; kladde; kladder; luonnos; luonnokset;
        robocze; wersje robocze; koncepty; rozepsané; rozpísané; piszkozat; piszkozatok; ciorne; osnutki; skice;
        черновики; чернетки; чернови; πρόχειρα; taslak; taslaklar; mustandid; melnraksti; juodraščiai; 下書き;
        草稿; 草稿箱; 임시보관함; 임시 보관함; טיוטות; المسودات
    """,
    "spam": """
        spam; junk; junk mail; junk e-mail; junk email; bulk mail; [gmail]/spam; ongewenst; ongewenste e-mail;
        ongewenste mail; ongewenste reclame; spam-verdacht; junk-e-mail; unerwünscht; courrier indésirable;
        indésirables; pourriel; correo no deseado; no deseado; lixo eletrônico; lixo electrónico;
        posta indesiderata; skräppost; søppelpost; uønsket mail; uønsket post; roskaposti; wiadomości-śmieci;
        nevyžádaná pošta; levélszemét; спам; нежелательная почта; ανεπιθύμητα; gereksiz; önemsiz;
        önemsiz e-posta; 迷惑メール; 垃圾邮件; 垃圾郵件; 스팸함; 스팸 편지함; דואר זבל
    """,
    "trash": """
        trash; bin; deleted; deleted items; deleted messages; [gmail]/trash; [gmail]/bin; prullenbak;
        prullenmand; verwijderd; verwijderde items; verwijderde berichten; papierkorb; gelöscht;
        gelöschte elemente; gelöschte objekte; corbeille; éléments supprimés; messages supprimés; papelera;
        elementos eliminados; papelera de reciclaje; lixeira; lixo; itens excluídos; paperera; cestino;
        posta eliminata; elementi eliminati; papperskorg; papperskorgen; borttaget; borttagna objekt; papirkurv;
        papirkurven; slettet; slettede elementer; slettet post; roskakori; poistetut; kosz; elementy usunięte;
        koš; odstraněná pošta; kuka; lomtár; törölt elemek; coș de gunoi; elemente șterse; smetnjak; smeće;
        корзина; удаленные; удалённые; кошик; кошче; κάδος απορριμμάτων; çöp; çöp kutusu; silinmiş öğeler;
        ゴミ箱; 削除済みアイテム; 已删除; 已删除邮件; 垃圾桶; 휴지통; אשפה; المهملات
    """,
}

_EXTENSION = re.compile(r"\.(?:mbox|mbx|mbs|sbd|maildir|eml|emlx|txt|zip|mbox-\d+)$")
_COUNT = re.compile(r"[\s(\-_.]*\d[\d()\-_.\s]*$")  # "Sent-2019", "Sent Items (2)"
_PINE = re.compile(r"sent[ -]mail\b")  # Pine keeps "sent-mail-mar-2004"


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


_KINDS = {_plain(name): kind for kind, names in _NAMES.items() for name in names.split(";")}


def label_kind(label: str) -> str:
    """sent, draft, spam, trash or "" for a label or the bare name of a folder."""
    return _KINDS.get(_plain(label), "")


def folder_kind(path: str) -> str:
    """The same for a path of folders with ``/`` between: the innermost name that says something decides.

    A Maildir++ name such as ``.INBOX.Sent Items`` counts as a path.
    """
    for part in reversed(path.replace("\\", "/").split("/")):
        kind = _part_kind(part.casefold())
        if kind:
            return kind
    return ""


def _part_kind(part: str) -> str:
    name = _EXTENSION.sub("", part)
    for one in (name, name.lstrip(".").rpartition(".")[2] if name.startswith(".") else name):
        for spelling in (one, _COUNT.sub("", one), re.sub(r"[_-]", " ", _COUNT.sub("", one))):
            kind = label_kind(spelling)
            if kind:
                return kind
    return "sent" if _PINE.match(name.lstrip(".")) else ""
