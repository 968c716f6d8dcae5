"""The sentences of messages, familiar and formal, so that a translation can tell the two apart. Called by `drafts`."""

from __future__ import annotations

from keepwarm.texts import mark

HELLO = (mark("Hi {name},"), mark("Dear {name},"))
BYE = (mark("Warm regards,"), mark("Kind regards,"))
LONG_SILENCE = (
    mark("It has been a while, and I hope you are well."), mark("It has been some time; I hope this finds you well."),
)  # fmt: skip
SHARED = (mark("You and I both know {shared}."), mark("We both know {shared}, which is how I came to you."))
STRANGER = (mark("We have not met yet, so first who I am."), mark("We have not met, so allow me to say who I am."))
OUTSIDE = "learn_field outside"  # the same goal, with somebody of whom nothing says that it is their field
PURPOSE = {
    "explore_market": (
        mark("I am finding out what work there is for me these days, and you know a part of it that I do not."),
        mark("I am finding out what the labour market holds for me, and you know a part of it that I do not."),
    ),
    "learn_field": (
        mark("I would like to get to know {field} from the inside, and you work in the middle of it."),
        mark("I would like to get to know {field} from the inside, and you know it from your own work."),
    ),
    OUTSIDE: (
        mark("I would like to get to know {field} from the inside. Perhaps you know it, or somebody who works in it."),
        mark("I would like to get to know {field} from the inside. You may know it, or somebody who works in it."),
    ),
    "learn_vacancy": (
        mark("I saw an opening{at} that appeals to me, and I would like to know more before I decide."),
        mark("An opening{at} has drawn my attention, and I would like to know more before I decide."),
    ),
    "present_self": (
        mark("I am looking for my next step, and I wonder how what I bring comes across to you."),
        mark("I am looking for my next step, and would value your view of what I bring."),
    ),
    "": (
        mark("I would like to hear how things are with you, and tell you what I am working on."),
        mark("I would be glad to hear how your work is going, and to tell you of mine."),
    ),
}
AIM = {  # the same to somebody who is to introduce the owner
    "explore_market": (mark("I am finding out what work there is for me these days."),) * 2,
    "learn_field": (mark("I would like to get to know {field} from the inside."),) * 2,
    "learn_vacancy": (mark("I am looking at an opening, and would like to know more before I decide."),) * 2,
    "present_self": (mark("I am looking for my next step."),) * 2,
    "": ("", ""),
}
FIND_OUT = (mark("What I wonder about most: {find_out}"), mark("What I would most like to learn: {find_out}"))
NO_JOB = (
    mark("I am not asking you for a job: what you know is what helps me."),
    mark("This is not an application: information is all that I ask for."),
)
TWENTY = (
    mark("Would you have about twenty minutes for me, over coffee or by telephone?"),
    mark("Might you have about twenty minutes for me, in person or by telephone?"),
)
MOMENTS = (
    mark("It could be {one} or {two}; any other time is fine too."),
    mark("I could come to you on {one} or {two}; another time that suits you is fine as well."),
)
SECOND = (
    mark("I wrote to you a little while ago, and know how quickly mails sink. No hurry at all."),
    mark("I wrote to you some time ago, and know how quickly mails disappear from sight. There is no hurry."),
)
NO_IS_FINE = (
    mark("If it does not suit you, just say so; that is fine."),
    mark("Should it not suit you, a short word is enough; I will understand."),
)
THANKS = (mark("Thank you for our talk{on}; it helped me."), mark("Thank you for our conversation{on}; it helped me."))
WORD = (
    mark("I will let you know what comes of it."), mark("I will gladly let you know what comes of it."),
)  # fmt: skip
BACK = (
    mark("And if there is something I can do for you, tell me."),
    mark("Should there be something that I can do for you, I would be glad to hear it."),
)
INTRODUCE = (
    mark("If I am not mistaken you know {whom}. Would you introduce us?"),
    mark("If I am not mistaken you know {whom}. Would you be willing to introduce me?"),
)
PASS_ON = (mark("Here are two lines that you can pass on:"), mark("You are welcome to pass on these lines:"))
FREE_TO_SAY_NO = (
    mark("If you would rather not, that is fine, and I will not mention it again."),
    mark("If you would rather not, I understand, and will not mention it again."),
)
HELP = {
    "introduced": (mark("You introduced me to {whom}, and I have not forgotten it."),) * 2,
    "kept": (mark("You did what you had promised, and it helped me on."),) * 2,
    "tips": (mark("Your tips{on} stayed with me."), mark("Your advice{on} stayed with me.")),
    "talk": (mark("Our talk{on} stayed with me."), mark("Our conversation{on} stayed with me.")),
}
NEWS = (mark("So let me tell you how it goes."), mark("I would therefore like to tell you how it goes."))
NAMES = (
    mark("Should a name or an idea come to mind, I am glad to hear it. And how are things with you?"),
    mark("Should a name or an idea occur to you, I would be glad to hear it. I hope all is well with you."),
)
OVER = (mark("So you are among the first to hear."), mark("I would therefore like you to hear it from me."))
ALL_THANKS = (
    mark("Thank you for thinking along with me. I would like to stay in touch."),
    mark("Thank you for thinking along with me. I would be glad to stay in touch."),
)
SUBJECTS = {
    "first": (mark("Twenty minutes of your time?"), mark("A request for twenty minutes")),
    "second": (mark("Another word from me"), mark("My earlier mail")),
    "thank": (mark("Thank you"), mark("With thanks")),
    "progress": (mark("How it goes"), mark("How it goes with me")),
    "closing": (mark("News, and thanks"), mark("News, with my thanks")),
    "introduction": (mark("A question about {whom}"), mark("A question concerning {whom}")),
}
