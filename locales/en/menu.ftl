menu-welcome =
    <b>Inspection campaign assistant</b>
    For staff of health, insurance and other authorities: inspect medical institutions in a campaign and compile the tables.
    You need an invite link from your unit: open it and confirm. If you have none, please ask your unit's officer.
menu-admin = Administrator
menu-acting = { $unit } · { $role }
menu-campaign = { $title }
menu-choose = Please use the buttons below, or send /help
menu-no-units = Next: import areas and units (command line: import units).
menu-no-campaign = Next: open a campaign.
menu-wait-campaign = No campaign is running at present. You can start once one is opened.
cancel-done = Left. Inspections that are not submitted are kept
cancel-nothing = There is nothing to cancel

go-menu = Menu
nav-back = ‹ Back
go-start = Start an inspection
go-drafts = Unfinished ({ $count })
go-mine = My inspections
go-tables = Tables
go-status = Status
go-invite = Invite
go-groups = Groups
go-campaign = Campaigns
go-switch = Switch unit
go-language = 语言 Language
go-help = Help
go-prev = ‹ Previous
go-next = Next ›

switch-ask = For which unit, and as what, are you working?
switch-choice = { $mark }{ $unit } · { $role }

language-own-name = English
language-ask = 请选择语言 / Choose a language
language-done = Switched to English

help-title = Help
help-nobody = Open the invite link from your unit and confirm. If it has expired or was used, press “Ask for access” below the notice.
help-inspector =
    <b>Inspecting</b>: /menu → Start an inspection → type the institution's name or pinyin initials, or send your location. Typing “@{ $bot } 人民” also finds institutions.
    Answer item by item, or in one line: <code>4 yes</code>, <code>1 20/1</code>, <code>28 yes fine 0.2</code>. Photos go to the item shown. Leave at any time: every answer is kept.
help-office = <b>Tables</b>: /table to see and download, /status for progress. A bound office group receives last week's tables every Monday at 09:00.
help-organiser = <b>Managing</b>: /invite to invite people; add the bot to the office group and send /bind to bind it to a unit.
help-everybody = /menu menu · /cancel leave what you are doing · /language language · /help help

campaign-title = Campaigns
campaign-running = Running: { $title } ({ $code }, from { $from })
campaign-none = No campaign has been opened yet.
campaign-pick = Choose a plan to open:
campaign-no-pack = There is no other plan to open.
campaign-ask-date = { $title }
    On which day does it start? Please type a date such as 2026-09-01. The stages move with it.
campaign-check = <b>{ $title }</b>
    { $from } to { $to }
campaign-stage = { $label }: { $from } to { $to }
campaign-unresolved = No registered unit can take these parts of the task division:
campaign-unresolved-line = { $task }: { $selector }
campaign-open = Open it
campaign-other-date = Other date
campaign-opened = The campaign is open
