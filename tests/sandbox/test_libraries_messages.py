"""Both libraries send, edit and delete against the sandbox and understand its answers."""

import io
from collections.abc import Callable

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.methods.base import TelegramMethod
from aiogram.types import (
    BufferedInputFile,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    KeyboardButton,
    LinkPreviewOptions,
    MessageEntity,
    ReactionTypeEmoji,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from PIL import Image
from telegram import InlineKeyboardButton as PtbButton
from telegram import InlineKeyboardMarkup as PtbMarkup
from telegram import InputMediaPhoto as PtbPhoto
from telegram.error import BadRequest, Forbidden, InvalidToken
from telegram.ext import ExtBot

from sandbox.client import Client, Person


def picture(width: int = 640, height: int = 480) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "#336699").save(out, "PNG")
    return out.getvalue()


def keyboard(*labels: str) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=label, callback_data=f"d:{label}") for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def plain_keyboard(*labels: str) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": t, "callback_data": f"d:{t}"} for t in labels]]}


async def test_send_message__html__both_libraries_read_text_entities_and_buttons(
    aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    html = '<b>检查</b> 😀 <a href="https://example.org/x">链接</a> &lt;3 <code>a&amp;b</code>'
    one = await aio.send_message(anna.id, html, parse_mode="HTML", reply_markup=keyboard("无"))
    two = await ptb.send_message(
        anna.id,
        html,
        parse_mode="HTML",
        reply_markup=PtbMarkup([[PtbButton("无", callback_data="d:无")]]),
    )
    assert one.text == two.text == "检查 😀 链接 <3 a&b"
    assert one.html_text == two.text_html == html
    assert one.reply_markup is not None
    assert one.reply_markup.inline_keyboard[0][0].callback_data == "d:无"
    assert two.reply_markup is not None
    assert one.chat.id == two.chat.id == anna.id
    assert one.from_user is not None
    assert one.from_user.is_bot
    assert two.message_id == one.message_id + 1
    seen = await anna.newest()
    assert seen["entities"][1] == {
        "type": "text_link",
        "url": "https://example.org/x",
        "offset": 6,
        "length": 2,
    }


async def test_send_message__explicit_entities__kept_in_utf16_units(
    aio: Bot, anna: Person
) -> None:
    marks = [MessageEntity(type="bold", offset=3, length=2)]
    message = await aio.send_message(anna.id, "😀 粗体", entities=marks)
    assert message.entities is not None
    assert message.entities[0].extract_from(message.text or "") == "粗体"


@pytest.mark.parametrize(
    ("text", "more", "refusal"),
    [
        ("", {}, "message text is empty"),
        ("   \n ", {}, "text must be non-empty"),
        ("汉" * 4097, {}, "message is too long"),
        ("😀" * 2049, {}, "message is too long"),
        ("<b>x", {"parse_mode": "HTML"}, "can't parse entities: Can't find end tag"),
        ("a <x>b</x>", {"parse_mode": "HTML"}, 'Unsupported start tag "x" at byte offset 2'),
        ("汉<b>x</i>", {"parse_mode": "HTML"}, "Unmatched end tag at byte offset 7, expected"),
        ("x</b>", {"parse_mode": "HTML"}, "Unexpected end tag at byte offset 1"),
        ("a < b", {"parse_mode": "HTML"}, "can't parse entities: "),
        ("x", {"parse_mode": "LaTeX"}, "unsupported parse_mode"),
        ("x", {"reply_markup": plain_keyboard("长" * 21)}, "BUTTON_DATA_INVALID"),
        ("x", {"reply_markup": plain_keyboard(*"123456789")}, "reply markup is too long"),
        ("x", {"message_thread_id": 7}, "message thread not found"),
        ("x", {"reply_parameters": {"message_id": 999}}, "to be replied not found"),
        (
            "😀",
            {"entities": [{"type": "bold", "offset": 1, "length": 1}]},
            "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1",
        ),
        (
            "ab",
            {"entities": [{"type": "bold", "offset": 1, "length": 2}]},
            "ends after the end of the text at UTF-16 offset 3",
        ),
    ],
)
async def test_send_message__not_valid__refused_in_telegrams_words(
    aio: Bot, ptb: ExtBot[None], anna: Person, text: str, more: dict[str, object], refusal: str
) -> None:
    before = len(await anna.sees())
    with pytest.raises(TelegramBadRequest, match=r"Bad Request: ") as caught:
        await aio.send_message(anna.id, text, **more)
    assert refusal in caught.value.message
    with pytest.raises(BadRequest) as same:
        await ptb.send_message(anna.id, text, api_kwargs=more)
    assert refusal.lower() in same.value.message.lower()
    assert len(await anna.sees()) == before


async def test_send_message__limits_of_length_and_keyboard__accepted_at_the_edge(
    aio: Bot, anna: Person
) -> None:
    rows = [
        [InlineKeyboardButton(text=f"{r}{c}", callback_data="x" * 64) for c in range(5)]
        for r in range(20)
    ]
    markup = InlineKeyboardMarkup(inline_keyboard=rows)
    message = await aio.send_message(anna.id, "😀" * 2048, reply_markup=markup)
    assert len(message.text or "") == 2048
    rows.append([InlineKeyboardButton(text="101", callback_data="x")])
    with pytest.raises(TelegramBadRequest, match="too long"):
        await aio.send_message(
            anna.id, "x", reply_markup=InlineKeyboardMarkup(inline_keyboard=rows)
        )


async def test_who_may_be_written_to__unknown_not_started_blocked__each_has_its_error(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person, bo: Person
) -> None:
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await aio.send_message(99, "x")
    with pytest.raises(BadRequest, match="Chat not found"):
        await ptb.send_message(bo.id, "x")
    await client.group("组", [anna, bo], bot="member")
    with pytest.raises(TelegramForbiddenError, match="can't initiate conversation with a user"):
        await aio.send_message(bo.id, "x")
    with pytest.raises(Forbidden, match="can't initiate conversation"):
        await ptb.send_message(bo.id, "x")
    await anna.act("block")
    with pytest.raises(TelegramForbiddenError, match="Forbidden: bot was blocked by the user"):
        await aio.send_message(anna.id, "x")
    with pytest.raises(Forbidden, match="blocked by the user"):
        await ptb.send_chat_action(anna.id, "typing")
    await anna.act("unblock")
    assert (await aio.send_message(anna.id, "x")).text == "x"
    await client.request("DELETE", f"/sandbox/users/{anna.id}")
    with pytest.raises(Forbidden, match="deactivated"):
        await ptb.send_message(anna.id, "x")


async def test_edit__text_markup_and_nothing__changed_or_refused(
    aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    sent = await aio.send_message(anna.id, "一", reply_markup=keyboard("无", "有"))
    edited = await aio.edit_message_text(
        "二", chat_id=anna.id, message_id=sent.message_id, reply_markup=keyboard("无")
    )
    assert not isinstance(edited, bool)
    assert (edited.text, edited.edit_date is not None) == ("二", True)
    with pytest.raises(TelegramBadRequest, match="message is not modified: specified new"):
        await aio.edit_message_text(
            "二", chat_id=anna.id, message_id=sent.message_id, reply_markup=keyboard("无")
        )
    with pytest.raises(BadRequest, match="Message is not modified"):
        await ptb.edit_message_text(
            "二",
            anna.id,
            sent.message_id,
            reply_markup=PtbMarkup([[PtbButton("无", callback_data="d:无")]]),
        )
    bare = await ptb.edit_message_reply_markup(anna.id, sent.message_id)
    assert not isinstance(bare, bool)
    assert bare.reply_markup is None
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await ptb.edit_message_text("x", anna.id, 999)
    with pytest.raises(BadRequest, match="Message can't be edited"):
        await ptb.edit_message_text("x", anna.id, 1)
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await ptb.edit_message_caption(anna.id, sent.message_id, caption="x")
    seen = await anna.newest()
    assert seen["text"] == "二"
    assert "inline_keyboard" not in seen
    asked = await aio.send_message(anna.id, "?", reply_markup=ForceReply())
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await aio.edit_message_text("x", chat_id=anna.id, message_id=asked.message_id)


async def test_delete__own_theirs_old_and_missing__as_telegram_allows(
    aio: Bot, ptb: ExtBot[None], client: Client, anna: Person
) -> None:
    first = await aio.send_message(anna.id, "一")
    second = await aio.send_message(anna.id, "二")
    third = await aio.send_message(anna.id, "三")
    assert await aio.delete_message(anna.id, first.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await aio.delete_message(anna.id, first.message_id)
    assert await ptb.delete_messages(anna.id, [first.message_id, second.message_id])
    await client.clock(advance_seconds=49 * 3600)
    with pytest.raises(BadRequest, match="can't be deleted for everyone"):
        await ptb.delete_message(anna.id, third.message_id)
    assert [m["message_id"] for m in await anna.sees()] == [1, third.message_id]


async def test_reply_keyboard__shown_pressed_removed__with_place_only_in_private(
    aio: Bot, client: Client, anna: Person
) -> None:
    group = await client.group("组", [anna], bot="member")
    asking = ReplyKeyboardMarkup(
        keyboard=[[KeyboardButton(text="位置", request_location=True), KeyboardButton(text="否")]],
        one_time_keyboard=True,
    )
    with pytest.raises(TelegramBadRequest, match="location can be requested in private chats"):
        await aio.send_message(group["id"], "?", reply_markup=asking)
    await aio.send_message(anna.id, "在哪里？", reply_markup=asking)
    shown = (await client.chat(anna.private))["keyboards"]["1001"]
    assert [b["text"] for b in shown["rows"][0]] == ["位置", "否"]
    message = await anna.press("位置")
    assert message["location"]["latitude"] == pytest.approx(24.3264)
    assert (await client.chat(anna.private))["keyboards"] == {}
    await aio.send_message(anna.id, "x", reply_markup=asking)
    await aio.send_message(anna.id, "y", reply_markup=ReplyKeyboardRemove())
    assert (await client.chat(anna.private))["keyboards"] == {}


async def test_photo__upload_reuse_and_copy__same_picture_other_bots_identifier_refused(
    make_ptb: Callable[..., ExtBot[None]], aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    sent = await aio.send_photo(
        anna.id, BufferedInputFile(picture(1600, 900), "p.png"), caption="<i>图</i>",
        parse_mode="HTML",
    )  # fmt: skip
    assert sent.photo is not None
    assert [(p.width, p.height) for p in sent.photo] == [
        (90, 51),
        (320, 180),
        (800, 450),
        (1600, 900),
    ]
    again = await ptb.send_photo(anna.id, sent.photo[-1].file_id)
    assert again.photo[-1].file_unique_id == sent.photo[-1].file_unique_id
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type photo as document"):
        await ptb.send_document(anna.id, sent.photo[-1].file_id)
    with pytest.raises(BadRequest, match="Wrong remote file identifier"):
        await ptb.send_photo(anna.id, "AgACnonsense")
    async with make_ptb("654321:OTHER") as other:
        await anna.start(bot="sandbox654321_bot")
        with pytest.raises(BadRequest):
            await other.send_photo(anna.id, sent.photo[-1].file_id)
        with pytest.raises(BadRequest, match="Invalid file_id"):
            await other.get_file(sent.photo[-1].file_id)
    copied = await aio.copy_message(anna.id, anna.id, sent.message_id, caption="新")
    seen = await anna.newest()
    assert seen["message_id"] == copied.message_id
    assert (seen["caption"], seen["media"]["width"]) == ("新", 1600)


async def test_download__each_size_and_document__bytes_come_back(
    aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    paper = "表二,1\n".encode() * 50
    document = await ptb.send_document(anna.id, paper, filename="表二 十一月.csv", caption="x")
    assert document.document is not None
    assert document.document.file_name == "表二 十一月.csv"
    assert document.document.file_size == len(paper)
    fetched = await (await ptb.get_file(document.document.file_id)).download_as_bytearray()
    assert bytes(fetched) == paper
    sent = await aio.send_photo(anna.id, BufferedInputFile(picture(1600, 900), "p.png"))
    assert sent.photo is not None
    for size in sent.photo:
        held = await aio.get_file(size.file_id)
        stream = await aio.download_file(held.file_path or "")
        assert stream is not None
        content = stream.read()
        assert len(content) == held.file_size
        with Image.open(io.BytesIO(content)) as image:
            assert (image.format, image.size) == ("JPEG", (size.width, size.height))


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", "non-empty"),
        (b"no picture", "IMAGE_PROCESS_FAILED"),
        (picture(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (b"\0" * (10 * 1024 * 1024 + 1), "is too big for a photo; the maximum size is 10485760"),
    ],
)
async def test_send_photo__no_good_picture__refused(
    aio: Bot, anna: Person, content: bytes, refusal: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=refusal):
        await aio.send_photo(anna.id, BufferedInputFile(content, "p.jpg"))


async def test_album__photos_documents_mixed__grouped_or_refused(
    aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    photos = [
        InputMediaPhoto(media=BufferedInputFile(picture(), f"{i}.png"), caption=str(i))
        for i in range(3)
    ]
    sent = await aio.send_media_group(anna.id, list(photos))
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["0", "1", "2"]
    assert (
        len(await ptb.send_media_group(anna.id, [PtbPhoto(picture()), PtbPhoto(picture())])) == 2
    )
    document = InputMediaDocument(media=BufferedInputFile(b"x", "a.txt"))
    with pytest.raises(TelegramBadRequest, match="document can't be mixed with other media"):
        await aio.send_media_group(anna.id, [document, photos[0]])
    with pytest.raises(TelegramBadRequest, match="too many messages to send as an album"):
        await aio.send_media_group(anna.id, [document] * 11)


async def test_edit_media_and_caption__photo_to_document__shown_to_the_person(
    aio: Bot, anna: Person
) -> None:
    sent = await aio.send_photo(anna.id, BufferedInputFile(picture(), "p.png"), caption="一")
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await aio.edit_message_text("x", chat_id=anna.id, message_id=sent.message_id)
    await aio.edit_message_caption(chat_id=anna.id, message_id=sent.message_id, caption="二")
    assert (await anna.newest())["caption"] == "二"
    with pytest.raises(TelegramBadRequest, match="MEDIA_CAPTION_TOO_LONG"):
        await aio.edit_message_caption(
            chat_id=anna.id, message_id=sent.message_id, caption="长" * 1025
        )
    await aio.edit_message_media(
        InputMediaDocument(media=BufferedInputFile(b"%PDF-1.4", "表.pdf"), caption="三"),
        chat_id=anna.id,
        message_id=sent.message_id,
    )
    seen = await anna.newest()
    assert (seen["media"]["kind"], seen["media"]["mime"]) == ("document", "application/pdf")


async def test_other_kinds__voice_video_place_contact_reaction_forward__parsed_by_both(
    aio: Bot, ptb: ExtBot[None], anna: Person
) -> None:
    voice = await aio.send_voice(anna.id, BufferedInputFile(b"OggS", "v.ogg"), duration=2)
    assert voice.voice is not None
    assert voice.voice.duration == 2
    video = await ptb.send_video(anna.id, b"mp4", width=320, height=240, duration=5)
    assert video.video is not None
    assert (video.video.width, video.video.mime_type) == (320, "video/mp4")
    assert (await aio.send_location(anna.id, 24.3, 109.4)).location is not None
    assert (await ptb.send_venue(anna.id, 24.3, 109.4, "医院", "路")).venue is not None
    assert (await ptb.send_contact(anna.id, "10086", "服务")).contact is not None
    with pytest.raises(TelegramBadRequest, match="wrong location"):
        await aio.send_location(anna.id, 124.3, 109.4)
    assert await aio.set_message_reaction(
        anna.id, video.message_id, reaction=[ReactionTypeEmoji(emoji="👍")]
    )
    with pytest.raises(TelegramBadRequest, match="REACTION_INVALID"):
        await aio.set_message_reaction(
            anna.id, video.message_id, reaction=[ReactionTypeEmoji(emoji="x")]
        )
    seen = {m["message_id"]: m for m in await anna.sees()}
    assert seen[video.message_id]["reactions"] == [{"emoji": "👍", "user_id": 123456}]
    forwarded = await aio.forward_message(anna.id, anna.id, 1)
    assert forwarded.forward_origin is not None
    assert forwarded.forward_origin.type == "user"
    assert (await ptb.forward_message(anna.id, anna.id, 1)).text == "/start"
    with pytest.raises(BadRequest, match="Message to forward not found"):
        await ptb.forward_message(anna.id, anna.id, 999)
    with pytest.raises(BadRequest, match="Message to copy not found"):
        await ptb.copy_message(anna.id, anna.id, 999)


async def test_send_message__options__silent_protected_reply_and_no_preview_are_seen(
    aio: Bot, anna: Person
) -> None:
    await aio.send_message(
        anna.id,
        "https://example.org",
        disable_notification=True,
        protect_content=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(message_id=1),
    )
    seen = await anna.newest()
    assert seen["silent"] is True
    assert seen["protected"] is True
    assert seen["link_preview"] is False
    assert seen["reply_to"]["text"] == "/start"
    assert seen["entities"][0]["type"] == "url"
    gone = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    assert (await aio.send_message(anna.id, "x", reply_parameters=gone)).reply_to_message is None


class Unknown(TelegramMethod[bool]):
    __returning__ = bool
    __api_method__ = "sendTelepathy"


async def test_wrong_token_and_method__401_and_404__as_both_libraries_expect(
    make_aiogram: Callable[..., Bot],
    make_ptb: Callable[..., ExtBot[None]],
    aio: Bot,
    ptb: ExtBot[None],
) -> None:
    with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
        await make_aiogram("123456:WRONG").get_me()
    with pytest.raises(InvalidToken):
        async with make_ptb("123456:WRONG"):
            pass
    with pytest.raises(TelegramNotFound):
        await aio(Unknown())
    with pytest.raises(InvalidToken, match="method not found"):
        await ptb._post("sendTelepathy")
