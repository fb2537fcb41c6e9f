groups-title = Office groups
groups-none = The bot is not in any office group yet.
groups-hint = Add the bot to the office group first, then bind it to a unit here.
groups-add = Add to a group
groups-choice = { $title } · { $state }
groups-unbound = not bound

group-hello = I am the inspection campaign assistant. Once bound to a unit, I post last week's tables here every Monday at 09:00.
group-hello-bind = An organiser or officer presses “Bind to a unit” and confirms in the private chat.
group-bound-to = This group is bound to { $unit } ({ $purposes })
group-commands = /table tables · /status progress. Personal matters belong in the private chat.
group-ask-pin = Please give me the right to pin messages, so that I can pin the current tables.
group-bind = Bind to a unit
group-private = Open private chat
group-topic = Other topic: send /bind inside it.

purpose-tables = tables
purpose-reminders = reminders
purposes-separator = {", "}

bind-title = Bind the group: { $title }
bind-ask-unit = To which unit? You can type part of its name.
bind-no-unit = Nothing found for “{ $part }”. Please try another word.
bind-ask-purposes = { $unit }: what should this group receive? Choose, then confirm.
bind-topic = Messages go to the topic where you sent /bind.
bind-now = Bound at present: { $unit } ({ $purposes })
bind-ok = Confirm
bind-release = Release
bind-done = Bound; the group has been told
bind-released = Released
bind-moved = Messages for this group now go to this topic.
bind-moved-general = Messages for this group now go to the general topic.
bind-pick-one = Please choose at least one; to receive nothing, press “Release”

push-group-added = I have joined the group “{ $title }”. Bind it to your unit? It then receives last week's tables every Monday at 09:00.
push-group-bound = ✅ This group is bound to { $unit } ({ $purposes }). Last week's tables arrive here every Monday at 09:00.
push-group-removed = I was removed from the group “{ $title }”; the tables of { $unit } are no longer sent there. The binding is kept: add me again and they come back.
