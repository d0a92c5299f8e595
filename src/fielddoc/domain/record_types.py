"""The record types, declared once; forms, validation, search, exports and documents read this."""

from dataclasses import replace

from fielddoc.domain.schema import Field, Kind, RecordType
from fielddoc.i18n import N_


def _date(name: str, label: str, help_: str = "", *, needed: bool = False) -> tuple[Field, ...]:
    """Return a partial date with its companions: whether inferred, and the words it was told in."""
    return (
        Field(name=name, kind=Kind.DATE, label=label, help=help_, needed=needed),
        Field(
            name=f"{name}_inferred",
            kind=Kind.FLAG,
            label=N_("Date inferred"),
            help=N_("The source does not print the year or day; it follows from the context."),
        ),
        Field(
            name=f"{name}_words",
            kind=Kind.TEXT,
            label=N_("Date in the source's words"),
            help=N_("For example: sometime during the spring; nearly two years."),
        ),
    )


def _text(name: str, label: str, help_: str = "", *, identifies: bool = False) -> Field:
    return Field(name=name, kind=Kind.TEXT, label=label, help=help_, identifies=identifies)


def _long(name: str, label: str, help_: str = "", *, identifies: bool = False) -> Field:
    return Field(name=name, kind=Kind.LONG_TEXT, label=label, help=help_, identifies=identifies)


def _term(name: str, label: str, vocabulary: str, *, needed: bool = False) -> Field:
    return Field(name=name, kind=Kind.TERM, label=label, vocabulary=vocabulary, needed=needed)


SOURCES = Field(
    name="sources",
    kind=Kind.LINKS,
    label=N_("Sources"),
    help=N_("Who or what told this."),
    targets=("source",),
    reverse=N_("source of"),
)
CONFIDENTIALITY = _term("confidentiality", N_("Confidentiality"), "confidentiality")
LINKS = Field(
    name="links",
    kind=Kind.ITEMS,
    label=N_("Links to other records"),
    help=N_("How this record stands to any other one. The other one shows the link too."),
    fields=(
        _term("role", N_("This record"), "link-roles", needed=True),
        Field(name="record", kind=Kind.LINK, label=N_("Which record"), needed=True),
        _text("note", N_("Note")),
        SOURCES,
    ),
)
OWN_FIELDS = Field(
    name="custom",
    kind=Kind.OWN,
    label=N_("Own fields"),
    help=N_("Fields that you or a partner declared."),
)
NOTE = _long("note", N_("Note"), N_("Anything that has no place above."))

PERSON = RecordType(
    name="person",
    label=N_("Person"),
    plural=N_("People"),
    fields=(
        Field(
            name="names",
            kind=Kind.ITEMS,
            label=N_("Names"),
            help=N_("Every name and spelling. Leave empty for a person whose name is not known."),
            fields=(
                Field(name="text", kind=Kind.TEXT, label=N_("Name"), identifies=True, needed=True),
                _term("kind", N_("Kind of name"), "name-kinds"),
                _text("note", N_("Note")),
            ),
        ),
        _term("sex", N_("Sex"), "sex"),
        *_date("birth_date", N_("Date of birth")),
        Field(
            name="ages",
            kind=Kind.ITEMS,
            label=N_("Age as reported"),
            fields=(
                Field(name="age", kind=Kind.NUMBER, label=N_("Age in years"), needed=True),
                *_date("as_of", N_("As of")),
                SOURCES,
            ),
        ),
        _text("nationality", N_("Nationality")),
        _text("ethnicity", N_("Ethnicity")),
        _text("occupation", N_("Occupation")),
        _long(
            "human_rights_work",
            N_("Human rights work"),
            N_("What this person does or did, for whom, in which group."),
        ),
        Field(name="organisations", kind=Kind.TEXTS, label=N_("Organisations")),
        Field(
            name="identity_papers",
            kind=Kind.ITEMS,
            label=N_("Identity papers"),
            fields=(
                _text("kind", N_("Kind of paper")),
                _text("number", N_("Number of the paper"), identifies=True),
                _text("issued_by", N_("Issued by")),
                *_date("issued_on", N_("Issued on")),
            ),
        ),
        _long("address", N_("Address"), identifies=True),
        Field(
            name="contacts",
            kind=Kind.TEXTS,
            label=N_("Telephone, mail, accounts"),
            identifies=True,
        ),
        _long("health", N_("Health"), N_("What must be known to care for this person.")),
        Field(
            name="relations",
            kind=Kind.ITEMS,
            label=N_("Relations to other people"),
            fields=(
                _term("kind", N_("This person is"), "relation-kinds", needed=True),
                Field(
                    name="person",
                    kind=Kind.LINK,
                    label=N_("To whom"),
                    targets=("person",),
                    needed=True,
                ),
                _text("note", N_("Note")),
                SOURCES,
            ),
        ),
        Field(
            name="consents",
            kind=Kind.ITEMS,
            label=N_("Consent"),
            help=N_("What this person, or who speaks for them, has agreed to."),
            fields=(
                _term("purpose", N_("To what"), "consent-purposes", needed=True),
                _term("answer", N_("Answer"), "yes-no-unknown", needed=True),
                *_date("asked_on", N_("Asked on")),
                _text("asked_by", N_("Asked by")),
                _text("note", N_("Note")),
            ),
        ),
        Field(
            name="merged_into",
            kind=Kind.LINK,
            label=N_("Merged into"),
            help=N_("The person whose record stands for this one; set by merging."),
            targets=("person",),
            reverse=N_("stands for"),
            is_set_elsewhere=True,
        ),
        Field(
            name="distinct_from",
            kind=Kind.LINKS,
            label=N_("Not the same person as"),
            help=N_("People with a like name who are somebody else; no longer suggested."),
            targets=("person",),
            reverse=N_("not the same person as"),
            is_set_elsewhere=True,
        ),
        LINKS,
        OWN_FIELDS,
        SOURCES,
        CONFIDENTIALITY,
        NOTE,
    ),
)

COUNTS = Field(
    name="counts",
    kind=Kind.ITEMS,
    label=N_("Numbers"),
    help=N_("How many, of what, and who says so. Different sources may give different numbers."),
    fields=(
        _text("what", N_("Of what")),
        _term("qualifier", N_("How exact"), "count-qualifiers"),
        Field(name="number", kind=Kind.NUMBER, label=N_("Number"), needed=True),
        _text("reported_by", N_("Who says so")),
        *_date("as_of", N_("As of")),
        SOURCES,
    ),
)

INCIDENT = RecordType(
    name="incident",
    label=N_("Incident"),
    plural=N_("Incidents"),
    fields=(
        Field(name="title", kind=Kind.TEXT, label=N_("Title"), needed=True),
        Field(name="kinds", kind=Kind.TERMS, label=N_("Kinds"), vocabulary="risk-kinds"),
        *_date("date", N_("When it happened"), needed=True),
        *_date("known", N_("When it became known")),
        _text("place", N_("Place")),
        _long("what_happened", N_("What happened")),
        Field(
            name="persons",
            kind=Kind.ITEMS,
            label=N_("People and their roles"),
            fields=(
                Field(name="person", kind=Kind.LINK, label=N_("Person"), targets=("person",)),
                _text(
                    "described_as",
                    N_("Described as"),
                    N_("For somebody without a record, for example: two men in plain clothes."),
                ),
                _term("role", N_("Role"), "roles", needed=True),
                _term("agency_kind", N_("Kind of agency"), "agencies"),
                _text("agency", N_("Agency")),
                _text("unit", N_("Unit")),
                _text("rank", N_("Rank or badge")),
                _text("note", N_("Note")),
            ),
        ),
        _long("link_to_work", N_("Link to human rights work")),
        COUNTS,
        _term("status", N_("How certain"), "incident-status"),
        LINKS,
        OWN_FIELDS,
        SOURCES,
        CONFIDENTIALITY,
        NOTE,
    ),
)

RISK = RecordType(
    name="risk",
    label=N_("Risk"),
    plural=N_("Risks"),
    fields=(
        _text("title", N_("Title")),
        _term("kind", N_("Kind"), "risk-kinds", needed=True),
        Field(
            name="exposed",
            kind=Kind.LINKS,
            label=N_("Who is exposed"),
            targets=("person",),
            reverse=N_("exposed to the risk"),
        ),
        _long(
            "exposure",
            N_("How they are exposed"),
            N_("Through what, where and when: their work, a route, a trial, somebody who talked."),
        ),
        _long("feared", N_("What is feared")),
        _text("from_whom", N_("From whom")),
        _term("likelihood", N_("How likely"), "likelihood"),
        _term("severity", N_("How severe"), "severity"),
        _term("imminence", N_("How soon"), "imminence"),
        *_date("since", N_("Since when")),
        _long("measures_taken", N_("Measures taken")),
        _long("measures_planned", N_("Measures planned")),
        *_date("review_date", N_("Look at it again on")),
        Field(
            name="reviews",
            kind=Kind.ITEMS,
            label=N_("Looked at again"),
            fields=(
                *_date("date", N_("When"), needed=True),
                _text("by", N_("By whom")),
                _long("found", N_("What was found")),
            ),
        ),
        _term("state", N_("State"), "risk-state"),
        Field(
            name="incident",
            kind=Kind.LINK,
            label=N_("The incident that it became"),
            targets=("incident",),
            reverse=N_("was feared before as"),
        ),
        LINKS,
        OWN_FIELDS,
        SOURCES,
        CONFIDENTIALITY,
        NOTE,
    ),
)

ENTRIES = Field(
    name="entries",
    kind=Kind.ITEMS,
    label=N_("Chronology"),
    help=N_("One dated claim each. Claims that contradict each other stand side by side."),
    fields=(
        _term("kind", N_("What"), "entry-kinds", needed=True),
        Field(
            name="persons",
            kind=Kind.LINKS,
            label=N_("Whom it concerns"),
            targets=("person",),
            reverse=N_("concerned by an entry of"),
        ),
        *_date("date", N_("When it happened")),
        *_date("known", N_("When it became known")),
        *_date("as_of", N_("State of knowledge as of"), N_("For news that has not come.")),
        *_date("checked", N_("Last checked"), N_("When somebody last asked or looked.")),
        *_date("next_check", N_("Check again on"), N_("The agenda reminds of it.")),
        _text("place", N_("Place")),
        _term("facility_kind", N_("Kind of facility"), "facilities"),
        _text("facility", N_("Facility")),
        _term("agency_kind", N_("Kind of agency"), "agencies"),
        _text("authority", N_("By whom")),
        _text("court", N_("Court")),
        Field(name="charges", kind=Kind.TERMS, label=N_("Charges"), vocabulary="charges"),
        _text("legal_basis", N_("Legal basis given")),
        _text("sentence", N_("Sentence")),
        Field(name="conditions", kind=Kind.TEXTS, label=N_("Conditions of health")),
        _long("text", N_("What is told")),
        _long("as_reported", N_("The words as reported")),
        _text("told_by", N_("Told by")),
        Field(
            name="related",
            kind=Kind.LINKS,
            label=N_("Related records"),
            help=N_("For example an earlier detention, or another defender."),
            reverse=N_("named in an entry of"),
        ),
        SOURCES,
        _term("reliability", N_("Reliability"), "reliability"),
        CONFIDENTIALITY,
        _term("standing", N_("Standing"), "standing"),
    ),
)

DETENTION = RecordType(
    name="detention",
    label=N_("Detention"),
    plural=N_("Detentions"),
    fields=(
        _text("title", N_("Title")),
        Field(
            name="persons",
            kind=Kind.LINKS,
            label=N_("Who is or was held"),
            targets=("person",),
            needed=True,
            reverse=N_("held in"),
        ),
        _term("status", N_("Present status"), "detention-status"),
        *_date("status_as_of", N_("Status as of")),
        ENTRIES,
        Field(
            name="around",
            kind=Kind.ITEMS,
            label=N_("People around the case"),
            help=N_("Lawyers, officers, judges, witnesses."),
            fields=(
                Field(name="person", kind=Kind.LINK, label=N_("Person"), targets=("person",)),
                _text("described_as", N_("Described as")),
                _term("role", N_("Role"), "roles", needed=True),
                _term("agency_kind", N_("Kind of agency"), "agencies"),
                _text("agency", N_("Agency")),
                _text("note", N_("Note")),
                SOURCES,
            ),
        ),
        LINKS,
        OWN_FIELDS,
        SOURCES,
        CONFIDENTIALITY,
        NOTE,
    ),
)

SOURCE = RecordType(
    name="source",
    label=N_("Source"),
    plural=N_("Sources"),
    fields=(
        _text(
            "code_name",
            N_("Code name"),
            N_("How this source is called everywhere else. Never the real name."),
        ),
        _term("kind", N_("Kind"), "source-kinds", needed=True),
        _text("title", N_("Title"), N_("For a publication or document.")),
        _text("publisher", N_("Published by")),
        *_date("as_of", N_("State of knowledge as of")),
        _long("description", N_("Description")),
        _term("connection", N_("Connection to what is told"), "source-connections"),
        _term("reliability", N_("Reliability"), "reliability"),
        CONFIDENTIALITY,
        Field(
            name="identity",
            kind=Kind.SEALED,
            label=N_("Who it is"),
            help=N_("Sealed apart, never searched, never exported unless chosen."),
            fields=(
                _text("name", N_("Name"), identifies=True),
                _text("organisation", N_("Organisation"), identifies=True),
                _text("contact", N_("How to reach them"), identifies=True),
                _long("details", N_("Further details"), identifies=True),
            ),
        ),
        LINKS,
        OWN_FIELDS,
        NOTE,
    ),
)

ACTION = RecordType(
    name="action",
    label=N_("Action"),
    plural=N_("Actions"),
    fields=(
        _text("title", N_("Title")),
        _term("kind", N_("Kind"), "action-kinds", needed=True),
        Field(
            name="for_persons",
            kind=Kind.LINKS,
            label=N_("For whom"),
            targets=("person",),
            reverse=N_("helped by the action"),
        ),
        Field(
            name="about",
            kind=Kind.LINKS,
            label=N_("About"),
            targets=("incident", "detention", "risk"),
            reverse=N_("subject of the action"),
        ),
        _text("done_by", N_("Done by")),
        _text("addressed_to", N_("Addressed to")),
        *_date("sent_on", N_("Sent or done on")),
        _term("channel", N_("Channel"), "action-channels"),
        _text("receipt_number", N_("Receipt number")),
        *_date(
            "received_on",
            N_("Received there on"),
            N_("As the receipt says; time limits for a reply run from this day."),
        ),
        Field(
            name="receipts",
            kind=Kind.LINKS,
            label=N_("Receipts and answers as files"),
            targets=("attachment",),
            reverse=N_("receipt of"),
        ),
        *_date("reply_due", N_("Reply due by law")),
        _text(
            "reply_due_basis",
            N_("Rule that says so"),
            N_("For example the law and article; the date itself stands above."),
        ),
        *_date("reply_on", N_("Reply came on")),
        _long("reply", N_("Reply")),
        _term("outcome", N_("Outcome"), "reply-outcomes"),
        _long("effect", N_("Effect")),
        LINKS,
        OWN_FIELDS,
        SOURCES,
        CONFIDENTIALITY,
        NOTE,
    ),
)

ATTACHMENT = RecordType(
    name="attachment",
    label=N_("Attachment"),
    plural=N_("Attachments"),
    fields=(
        Field(name="name", kind=Kind.TEXT, label=N_("File name"), needed=True),
        _text("media_type", N_("Media type")),
        Field(name="size_bytes", kind=Kind.INTEGER, label=N_("Size in bytes")),
        Field(
            name="sha256",
            kind=Kind.TEXT,
            label=N_("SHA-256"),
            help=N_("64 hexadecimal digits over the file as it was added."),
            needed=True,
        ),
        *(replace(part, tells_when_typed=True) for part in _date("added_on", N_("Added on"))),
        _text("taken_by", N_("Taken or written by")),
        *_date("taken_on", N_("Taken or written on")),
        _text("taken_place", N_("Taken at")),
        _long("description", N_("Description")),
        Field(
            name="belongs_to",
            kind=Kind.LINKS,
            label=N_("Belongs to"),
            reverse=N_("has the file"),
        ),
        LINKS,
        OWN_FIELDS,
        SOURCES,
        CONFIDENTIALITY,
        NOTE,
    ),
)

OWN_FIELD = RecordType(
    name="custom-field",
    label=N_("Own field"),
    plural=N_("Own fields"),
    fields=(
        Field(
            name="applies_to",
            kind=Kind.TEXTS,
            label=N_("Where it stands"),
            help=N_("Names of record types, such as incident."),
            needed=True,
        ),
        _text("name", N_("Name for machines"), N_("Small letters, for example: village.")),
        Field(
            name="kind",
            kind=Kind.TERM,
            label=N_("What it holds"),
            vocabulary="own-field-kinds",
            needed=True,
        ),
        Field(name="label", kind=Kind.TEXT, label=N_("Label"), needed=True),
        _text("help", N_("Help")),
        Field(
            name="vocabulary",
            kind=Kind.TEXTS,
            label=N_("Choices"),
            help=N_("For a field with choices: each of them."),
        ),
    ),
)
"""Declares a field of a person's own; decision 0001 says where its values stand."""

RECORD_TYPES: tuple[RecordType, ...] = (
    PERSON,
    INCIDENT,
    RISK,
    DETENTION,
    SOURCE,
    ACTION,
    ATTACHMENT,
)


def record_type(name: str) -> RecordType | None:
    """Return the declaration of this name, or None for a type of a newer version."""
    return next((known for known in (*RECORD_TYPES, OWN_FIELD) if known.name == name), None)
