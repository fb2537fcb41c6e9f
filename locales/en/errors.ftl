button-old = This button no longer works. Please send /menu to open the current page.
button-unknown = This button is not known. Please send /menu to open the current page.
link-bad = This link is incomplete. Please press “Bind to a unit” in the group again.
date-bad = That is no date. Please type it like 2026-09-01.

name-bad = Please type your real name in one line, at most { $max } characters.
membership-missing = This role has ended. Send /menu to see your present roles, or ask your unit's officer.
request-nobody = This system has no admin yet. Please ask your unit's officer for an invite link.
invite-not-yours = Only organisers and officers can invite. If you need this, ask your unit's officer or the admin.
invite-not-there = You cannot invite people into “{ $unit }”. Choose a unit of your own area and line, or ask the admin.

unit-unknown = There is no unit with the code { $code }. Check the code, or import the units first.
area-unknown = There is no area with the code { $code }. Check the code, or import the units first.
area-without-unit = “{ $area }” has no supervising unit yet, so nothing can be registered there. Please ask the admin to import the units.
selector-bad = The selector “{ $selector }” cannot be read. Write it like level=city line=health.

institution-unknown = This institution was not found. Search again, or register a new one.
institution-elsewhere = This institution is in { $area }, outside your area. Please choose one of your own area.
institution-name-bad = Please type the full name in one line: 4 to { $max } characters.
institution-facts-bad = Type, level or ownership is not right. Please choose again with the buttons.
institution-address-bad = The address is too long. Please type it in at most { $max } characters.

bind-nobody = Only organisers, officers and admins can bind a group. Ask one of them to press “Bind to a unit” in the group.
bind-not-yours = You are neither officer nor organiser of { $unit }, so you cannot bind it or change that. Please ask its officer.
bind-no-units = There is no unit to bind to yet. Please ask the admin to import the units.
bind-taken = { $unit } has bound this group. Its officer must release it first; then try again.
group-left = I am no longer in that group. Add me to it again first, then bind it.

pack-unknown = There is no plan called { $pack }. See the plans with: campaign list.
campaign-unknown = There is no campaign with the code { $code }. See: campaign list.
campaign-code-bad = The code “{ $code }” cannot be used. Take 2 to 40 letters, digits or hyphens.
campaign-already-open = The campaign { $code } is open already. For another one choose a different first day or code.
campaign-broken = The plan { $pack } has { $count } errors and cannot be opened. Mend its workbook first.
campaign-version-missing = This campaign's plan was not found. Please tell the admin.
campaign-version-broken = This campaign's plan can no longer be read ({ $count } errors). Please tell the admin.
campaign-not-yours = Only organisers and admins can open a campaign. Please ask one of them.
opening-no-start = The plan has no first day, so its stages cannot be placed. Fill in the date first.
opening-out-of-range = This first day is out of range. Please choose another.
workbook-not-found = The folder { $name } holds no workbook. Please check the path.

import-too-big = The file is larger than { $limit } MB. Please split it and import the parts.
import-format = { $name } is neither .xlsx nor .csv. Please save it as one of these.
import-broken = The workbook cannot be read ({ $code }). Save it as .xlsx in Excel or WPS and try again.
import-encoding = The file is not a table of text. Save it as .csv in UTF-8, or use .xlsx.
import-no-rows = The file has no rows. Fill it in from row 2 on.
import-no-column = The column “{ $column }” is missing. Add its header to row 1.
import-empty = must not be empty; please fill it in
import-choice = “{ $value }” is not known; use one of: { $allowed }
import-day = “{ $value }” is no date; write it like 2026-09-01
import-degrees = “{ $value }” is no latitude or longitude; write a decimal number of at most { $limit }
import-half-place = give latitude and longitude together, or neither
import-closed-early = closed before it opened; please check the dates
import-long = longer than { $limit } characters; please shorten it
import-code = “{ $value }” cannot be a code; use up to 32 letters, digits and hyphens
import-twice = the code { $value } occurs twice in the file; the first row was taken, please check
import-no-area = there is no area with the code { $code }; import it first, or add its row
import-area-parent = the parent does not fit: a region has none, cities and counties name an area above them
import-area-moved = area { $code } has data and cannot be moved below another; please check the code
import-no-unit = there is no unit with the code { $code }; import it first
import-no-supervisor = no health unit is responsible for this area; fill in the supervising unit's code
import-no-campaign = there is no campaign with the code { $code }; open it first, or leave this empty
import-no-institution = there is no institution with the code { $code }; import it first
import-person-name = please give the real name, at most 40 characters

demo-not-empty = This system has a campaign of its own. Use an empty DATA_DIR for the demo.
demo-broken = Row { $row } of the demo data { $name } is wrong. Please install the program again.
demo-answer = The demo data has a wrong answer at { $name }. Please install the program again.
