# Inspection: cards, buttons, notices

inspection-head = Inspection · { $place }
inspection-kinds = { " " }({ $kinds })
value-files = { $count ->
    [one] { $count } file
   *[other] { $count } files
}
value-photos = { $count }

# Punctuation
pair = { $name }: { $value }
list-comma = { ", " }
clause-comma = { ", " }

go-back = ‹ Back
go-remark = Remark
go-photo = Photo
go-contents = Items
go-on = Go on ›
go-skip = Skip ›
go-clear = Clear
go-continue = Continue ›
go-review = Review
go-share = Invite a colleague
go-later = Later
go-each = Item by item
go-submit = Submit
go-drop = Discard
go-drop-yes = Yes, discard
go-drop-no = ‹ Back
go-papers = Send the form again
go-correct = Correct
go-correct-drop = ‹ Leave it
go-begin-section = ▶ Start: mark exceptions only
go-begin-each = Start: item by item
go-other-institution = Another institution

option-sample-clean = { $count } sampled · none in violation
option-sample-found = { $count } sampled · violations found
option-today = Today { $day }
option-yesterday = Yesterday { $day }
option-before = { $day }

ask-integer = Tap, or type a number
ask-sample = Tap, or type both: 20/1 = 20 sampled, 1 in violation; fewer than 20 if there are fewer
ask-decimal = Type a number, for example 0.2
ask-text = Type the text
ask-date = Tap, or type a date such as 2026-11-16
ask-image = Send photos, several at once if you like. Then tap "Go on"
ask-file = Send the file. Then tap "Go on"
ask-geopoint = Send a location, or type "latitude longitude"
ask-select-multiple = Choose any number, then tap "Go on"

section-ask = { $count } questions: tap only what is wrong, then confirm the rest.
section-marked = Marked: { $items }
section-confirm = The other { $count } were checked one by one, nothing found ✓
section-confirm-all = All { $count } were checked one by one, nothing found ✓

contents-legend = ✓ nothing found  ● found  ◐ unfinished  ○ not checked. Tap a number to jump there.

review-title = Review before submitting
review-figures =
    { $kind } · { $day }
    { $checked } of { $total } items checked, <b>{ $found }</b> with entries
review-confirmed = { $confirmed } of them were confirmed together as "checked one by one, nothing found"
review-missing = <b>{ $count } still missing</b>; tap to fill in:
review-ready = Everything is filled in. Ready to submit.
review-gone = { $count ->
    [one] 1 answer no longer applies after a change; it is kept but not submitted.
   *[other] { $count } answers no longer apply after a change; they are kept but not submitted.
}
drop-ask = Discard this inspection of { $place }? { $done } of { $total } items are filled in.
drop-done = The inspection was discarded

done-title = Submitted · inspection no. { $number }
done-corrected = Corrected { $times ->
    [one] once
   *[other] { $times } times
} · inspection no. { $number }
done-sign = The form is below. Print and sign it, then send me a photo of it; it will be kept with this inspection.
done-signed = { $count ->
    [one] 1 photo
   *[other] { $count } photos
} of the signed form kept ✓
done-correct = Something wrong? Tap "Correct", or type: change 4.

correct-title = Correct the record (the old one is kept)
correct-choose = Choose the item to correct, or type it, for example: 4 no
correct-change = Item { $item } { $what }: { $before } → <b>{ $after }</b>
correct-why = Type the reason (required). The correction counts as soon as it is sent.

pick-campaign = Choose a campaign:
setup-text =
    { $campaign }
    <b>{ $institution }</b>
    { $address }

    Kind of visit: <b>{ $kind }</b>  { $day }
    Inspector: { $inspector }
list-drafts = Unfinished inspections; tap to go on:
list-drafts-none = There are no unfinished inspections.
list-mine = Your latest submitted inspections:
list-mine-none = You have not submitted an inspection yet.

notice-saved = Saved ✓ { $count ->
    [one] 1 item
   *[other] { $count } items
}
notice-photos = Item { $item }: { $count ->
    [one] 1 photo
   *[other] { $count } photos
} kept ✓
notice-photos-here = { $count ->
    [one] 1 photo
   *[other] { $count } photos
} kept ✓
notice-line = ⚠️ { $text }
notice-converted = Item { $item }: { $typed } recorded as { $value }
notice-side-saved = Remark on item { $item } saved ✓
notice-too-big = ⚠️ The file is larger than 20 MB: it is noted but could not be stored. Please send a shorter one.
notice-edited = ⚠️ Editing a sent message does not change the answer. Please send it again, for example: 4 no
notice-signed = Photo of the signed form kept ✓
notice-corrected = Corrected ✓ The old record is kept; the tables count the new one.
notice-correct-how = To correct, type: change 4; or type it directly: 4 no
notice-photo-where = Please open an inspection first, then send the photo.
notice-resumed = There is an unfinished inspection here; go on with it.
notice-joined = You have joined this inspection.
notice-refused-does-not-fit = ⚠️ Item { $item } has no field for "{ $text }"; it was not recorded, the rest was.
notice-refused-contradicts = ⚠️ Item { $item }: "{ $text }" does not go with the answer; it was not recorded, the rest was.
notice-refused-not-understood = ⚠️ Item { $item }: "{ $text }" was not understood. Type it like 4 yes or 1 20/1.
notice-refused-unknown-item = ⚠️ There is no item { $item }. Please check the number.
notice-refused-which-item = ⚠️ Item { $item } has several parts; please say which, for example 6a or 6b.
notice-refused-computed = ⚠️ Item { $item } is a total; it is computed and not typed.
notice-refused-no-item = ⚠️ No item number in "{ $text }". Please begin with it, for example 4 yes.

answer-refused = { $where }: { $why }
answer-refused-item = Item { $item }: { $why }
answer-refused-part = Item { $item }, { $part }: { $why }
answer-not-a-number = Please type a number.
answer-out-of-range = The number is too large or too small. Please check it and type it again.
answer-constraint = This value is not allowed here. Please check it and type it again.
answer-required = Please answer this item first.
answer-not-a-choice = Please choose one of the options.
answer-bad-date = Please type a date such as 2026-11-16.
answer-too-long = The text is too long; 4096 characters at most.
answer-read-only = This item is computed and not typed.
answer-not-relevant = With the present answers this is not asked.
answer-not-a-file = Please send a photo or file.
answer-too-many-files = Too many files; { $most } at most.

toast-newer = { $name } has just answered "{ $value }" here; nothing was changed. Tap again to change it.
toast-section-changed = A colleague has just changed this section. Please look before you confirm.
toast-confirmed = { $count } items confirmed: nothing found
toast-not-asked = With the present answers this is not asked
toast-missing = { $count } still missing; please fill them in first
toast-submitted = Submitted ✓
toast-papers = The form will arrive below
toast-shared = The link is below; please forward it to your colleague
toast-stray-gone = This one has been placed

share-text =
    Forward this link to a colleague of your unit; opening it lets both of you work on this inspection:
    { $link }
papers-caption = Please print and sign it, then send back a photo of the signed form.

stray-ask =
    <b>{ $count ->
        [one] 1 message
       *[other] { $count } messages
    } without a place</b>: it is not clear which item is meant, so nothing was recorded yet.
    { $said }
    Which item does it belong to?
stray-said = “{ $text }”
stray-photo = [photo]
stray-item = Item { $item }
stray-drop = Not needed
stray-none = All messages have been placed ✓

inspection-role = You are not an inspector yet. Ask the officer of your unit for an invitation link.
inspection-missing = This inspection was not found. Send /menu to open it again.
inspection-not-yours = This inspection belongs to another unit. To take part, ask its inspector.
inspection-submitted = This inspection has been submitted; use "Correct" to change it.
inspection-draft = This inspection has not been submitted; simply change it.
inspection-cancelled = This inspection was discarded. Send /menu to start again.
inspection-revision = The inspection has newer content; see the latest page.
kind-unknown = There is no such kind of visit; please choose again.
campaign-closed = This campaign has ended. Send /menu to choose another.
no-open-campaign = No campaign is open at present. Please ask the lead department.
reason-missing = Please give the reason for the correction.
correction-incomplete = After this correction { $count ->
    [one] 1 item is
   *[other] { $count } items are
} still missing; please fill in first.

paper-reference = No. { $number }  Version { $version }
paper-sheet = Checklist
paper-file = checklist-{ $number }-{ $day }-v{ $version }

answer-bad-place = Please send a location, or type "latitude longitude", for example 24.33 109.42
answer-not-whole = Please type a whole number.
answer-too-precise = Too many decimals. Please check the number and type it again.
answer-unknown = There is no such question. Send /menu to open it again.
