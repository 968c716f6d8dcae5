"""The product's own keys in words: circles, states, goals, origins, kinds of file, reasons.

Called by templates through ``word("circle", key)``. Every row here is a message to translate; a key that nobody wrote a
sentence for is shown as it is, with spaces.
"""

from __future__ import annotations

from collections.abc import Mapping

from keepwarm.texts import Texts, mark

WORDS: Mapping[str, Mapping[str, str]] = {
    "circle": {"warm": mark("warm"), "lukewarm": mark("lukewarm"), "cold": mark("cold")},
    "circle_means": {
        "warm": mark("someone I know personally"),
        "lukewarm": mark("known through somebody, or only a little"),
        "cold": mark("wholly new"),
    },
    "fresh": {
        "fresh": mark("in touch"),
        "due": mark("time to get in touch"),
        "asleep": mark("silent for long"),
        "new": mark("not in touch yet"),
        "none": mark("no rhythm"),
    },
    "sort": {
        "name": mark("by name"),
        "last": mark("last in touch first"),
        "due": mark("longest due first"),
    },
    "seen": {
        "vcf": mark("a card of your address book"),
        "google": mark("your Google contacts"),
        "google_other": mark("addresses that Google noted"),
        "google_csv": mark("your Google contacts"),
        "outlook_csv": mark("your Outlook contacts"),
        "microsoft": mark("your Outlook contacts"),
        "linkedin": mark("your LinkedIn connections"),
        "facebook": mark("your Facebook friends"),
    },
    "state": {
        "proposed": mark("new"),
        "active": mark("in my network"),
        "ignored": mark("left out"),
        "never": mark("never"),
        "erased": mark("erased"),
    },
    "goal": {
        "": mark("just stay in touch"),
        "explore_market": mark("find out what the labour market holds for me"),
        "learn_field": mark("get to know a field or a kind of work"),
        "learn_vacancy": mark("learn about one concrete opening"),
        "present_self": mark("make myself known"),
    },
    "plan_state": {
        "to_approach": mark("not approached yet"),
        "approached": mark("approached"),
        "talk_planned": mark("talk planned"),
        "talked": mark("talked"),
        "thanked": mark("thanked"),
        "kept_up": mark("kept up"),
        "not_now": mark("not now"),
        "declined": mark("closed"),
    },
    "channel": {
        "": mark("no preference"),
        "in_person": mark("in person"),
        "mail": mark("by mail"),
        "social": mark("on social media"),
        "telephone": mark("by telephone"),
    },
    "introduction": {
        "asked": mark("asked"),
        "agreed": mark("agreed"),
        "introduced": mark("introduced"),
        "declined": mark("declined"),
        "silent": mark("no answer"),
    },
    "help": {
        "introduced": mark("introduced you"),
        "kept": mark("kept a promise"),
        "tips": mark("gave tips"),
        "talk": mark("talked with you"),
    },
    "message": {
        "first": mark("a first word"),
        "second": mark("a second word"),
        "thank": mark("thanks"),
    },
    "origin": {
        "family": mark("family"),
        "friends": mark("friends"),
        "acquaintances": mark("acquaintances"),
        "neighbours": mark("neighbours"),
        "fellow_students": mark("fellow students"),
        "teachers": mark("teachers"),
        "colleagues": mark("colleagues"),
        "customers": mark("customers"),
        "sports_club": mark("sports club"),
        "association": mark("association"),
        "religious_community": mark("religious community"),
        "company": mark("where I work"),
        "chance": mark("met by chance"),
        "mail": mark("mail"),
        "calendar": mark("calendar"),
        "linkedin": mark("LinkedIn"),
        "facebook": mark("Facebook"),
        "address_book": mark("address book"),
    },
    "register": {
        "je": mark("je"),
        "u": mark("u"),
        "informal": mark("informal"),
        "formal": mark("formal"),
    },
    "talk": {
        "tips_and_names": mark("tips and names"),
        "orientation": mark("getting to know a field"),
        "sector_fit": mark("does this sector suit me"),
        "why_not": mark("when the chances are slim"),
        "real_chance": mark("when there is a real chance"),
        "vacancy": mark("about an opening"),
        "present_self": mark("introducing myself"),
        "keep_up": mark("keeping in touch"),
    },
    "file": {
        "mbox": mark("mailbox (mbox)"),
        "maildir": mark("mailbox (Maildir)"),
        "eml": mark("mails (.eml)"),
        "ics": mark("calendar (.ics)"),
        "vcf": mark("address book (.vcf)"),
        "linkedin": mark("LinkedIn connections"),
        "linkedin_messages": mark("LinkedIn messages"),
        "google_csv": mark("Google contacts"),
        "outlook_csv": mark("Outlook contacts"),
        "facebook": mark("Facebook friends"),
        "keepwarm": mark("export of Keepwarm"),
        "unknown": mark("not recognised"),
    },
    "skipped": {
        "draft": mark("still a draft"),
        "spam": mark("spam"),
        "trash": mark("in the bin"),
        "chat": mark("a chat, not a mail"),
        "sponsored": mark("an advertisement"),
        "ours": mark("made by Keepwarm itself"),
        "no_address": mark("without any address"),
        "no_name": mark("without a name"),
        "empty": mark("empty"),
        "group": mark("a group, not a person"),
        "not_a_meeting": mark("not a meeting, but a birthday, a place of work or time kept free"),
        "not_an_event": mark("a task or a note, not an appointment"),
        "no_occurrence": mark("on no day that Keepwarm looks at"),
        "superseded": mark("replaced by a newer version"),
        "too_many": mark("beyond what Keepwarm reads of one file or series"),
        "stays_away": mark("about somebody who stays away"),
        "nobody": mark("about somebody who was not taken in"),
    },
    "outbox_state": {
        "due": mark("waiting"),
        "sending": mark("on its way"),
        "sent": mark("sent"),
        "unknown": mark("uncertain"),
        "skipped": mark("not sent"),
        "failed": mark("failed"),
    },
    "outbox_kind": {
        "booked": mark("a talk was booked"),
        "after": mark("how did it go"),
        "nudge": mark("what is due today"),
        "well": mark("all is well"),
        "brief": mark("question list before a talk"),
        "note": mark("short note before a talk"),
        "digest": mark("weekly digest"),
        "alarm": mark("warning"),
        "sample": mark("a sample you asked for"),
        "calendar_clear": mark("everything of ours out of the calendar"),
        "access": mark("about signing in"),
        "draft": mark("text among your drafts"),
        "follow_up_put": mark("follow-up into the calendar"),
        "follow_up_remove": mark("follow-up out of the calendar"),
    },
    "follow_up_state": {
        "planned": mark("planned"),
        "placed": mark("in the calendar"),
        "moved": mark("moved by you"),
        "deleted": mark("removed by you"),
        "done": mark("done"),
        "removed": mark("no longer needed"),
    },
    "happening": {
        "sent": mark("you wrote"),
        "received": mark("they wrote"),
        "meeting": mark("you met"),
        "note": mark("a note"),
        "in_touch": mark("you got in touch"),
    },
    "change": {
        "accept": mark("taken into the network"),
        "ignore": mark("left out"),
        "never": mark("never again"),
        "let_in": mark("off the never list"),
        "join": mark("joined"),
        "edit": mark("edited"),
        "note": mark("a talk noted"),
        "touch": mark("got in touch"),
        "later": mark("left in peace for a while"),
        "promise": mark("a promise kept"),
        "correct": mark("a note or promise put right"),
        "delete": mark("a note or promise deleted"),
        "round": mark("a round of news"),
        "introduction": mark("an introduction"),
        "goal": mark("goal changed"),
        "plan": mark("plan changed"),
        "add": mark("added"),
        "import": mark("files added"),
        "decline": mark("not the same person"),
        "erase": mark("erased"),
        "questions": mark("question list changed"),
        "release": mark("let go"),
        "tag": mark("tags changed"),
        "rest": mark("laid to rest"),
        "move": mark("a follow-up moved"),
        "take_away": mark("a follow-up removed"),
        "book": mark("a talk ahead noted"),
        "call_off": mark("a talk called off"),
        "judge": mark("people chosen"),
    },
    "duty": {
        "sweep": mark("looking at what there is to do"),
        "prepare": mark("preparing what is due"),
        "deliver": mark("sending what is ready"),
        "sync": mark("reading sources"),
        "prune": mark("tidying up"),
        "upkeep": mark("upkeep"),
        "renew": mark("asking providers to tell of news"),
        "pull": mark("fetching news that waits at providers"),
        "listen": mark("listening for new mail"),
        "beat": mark("the clock that starts everything"),
        "watch": mark("looking after the workers"),
        "canary-push": mark("the worker for notices answers"),
        "canary-sync": mark("the worker for reading answers"),
        "canary-send": mark("the worker for sending answers"),
        "canary-upkeep": mark("the worker for upkeep answers"),
    },
    "stream": {
        "mail": mark("mail"),
        "calendar": mark("calendar"),
        "contacts": mark("address book"),
        "files": mark("files"),
    },
}

GOALS = tuple(WORDS["goal"])
CHANNELS = tuple(WORDS["channel"])
ORIGINS = tuple(WORDS["origin"])
TALK_TYPES = tuple(WORDS["talk"])


def word(texts: Texts, kind: str, key: str | None) -> str:
    """A key in words; the key itself, with spaces, where there is no word for it."""
    found = WORDS[kind].get(key or "")
    return texts.gettext(found) if found else (key or "").replace("_", " ").replace("-", " ")


def sentence(texts: Texts, text: str) -> str:
    """A reason kept in a row, in the owner's language: a sentence, or a key that becomes words."""
    found = texts.gettext(text)
    return found if " " in found else found.replace("_", " ")
