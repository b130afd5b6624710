"""A browser's session with the lab's server without a browser: its websocket, by hand.

It opens a page, knows the sliders that the server has drawn, and moves one. The time that a move takes is the server's
own: from the message sent to the message that the script has finished, with all that it drew.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

LONGEST = 120.0  # seconds that a script may take


@dataclass
class PageSession:
    """One open page of the lab. url: of the server. page: its name. query: of its address.

    sliders: those of the page, by label. values: of the sliders that were moved. shown: the figures of the page, and
    the code on it, such as a spec.
    """

    url: str
    page: str
    query: str = ""
    sliders: dict[str, Slider] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    shown: list[bytes] = field(default_factory=list)
    _hash: str = ""
    _socket: ClientConnection | None = None

    async def __aenter__(self) -> PageSession:
        """Open the page, and return once its script has finished."""
        parts = urlsplit(self.url)
        address = f"ws://{parts.netloc}{parts.path.rstrip('/')}/_stcore/stream"
        origin = f"http://{parts.netloc}"
        self._socket = await connect(
            address,
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Origin": origin},
            max_size=None,
            open_timeout=LONGEST,
        )
        await self._run(ClientState(query_string=self.query, page_name=self.page))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the page."""
        if self._socket is not None:
            await self._socket.close()

    async def move(self, label: str, value: float) -> float:
        """Move a slider to a new value; the seconds until the server has drawn all that follows.

        Raises AssertionError if the page is the same afterwards, or has lost the slider: then it did not follow.
        """
        before = self.shown
        self.values[self.sliders[label].id] = value
        state = ClientState(query_string=self.query, page_script_hash=self._hash)
        for widget, number in self.values.items():
            each = WidgetState(id=widget)
            each.double_array_value.data.append(number)
            state.widget_states.widgets.append(each)
        seconds = await self._run(state)
        assert label in self.sliders, f"the page has no slider {label!r} any more"
        assert self.shown != before, f"nothing on the page followed the slider {label!r}"
        return seconds

    async def _run(self, state: ClientState) -> float:
        """Let the script run, and take in what it draws; the seconds that this takes."""
        assert self._socket is not None
        self.sliders, self.shown = {}, []
        began = time.perf_counter()
        await self._socket.send(BackMsg(rerun_script=state).SerializeToString())
        while True:
            data = await asyncio.wait_for(self._socket.recv(), LONGEST)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            match message.WhichOneof("type"):
                case "navigation":  # a new session names the script that all pages share
                    self._hash = message.navigation.page_script_hash
                case "delta":
                    self._take_in(message.delta.new_element)
                case "script_finished" if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    return time.perf_counter() - began
                case _:
                    continue

    def _take_in(self, element: Element) -> None:
        match element.WhichOneof("type"):
            case "slider":
                self.sliders[element.slider.label] = element.slider
            case "metric" | "code":
                self.shown.append(element.SerializeToString())
            case _:
                pass
