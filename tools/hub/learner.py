"""What a browser asks of a JupyterHub and of a user's own server, in that user's name."""

import json
import secrets
import time

import nbformat
import requests
import websocket

from helpers.errors import InputError

OUTPUTS = ["stream", "display_data", "execute_result", "error"]


class Learner:
    """A user of the Hub, and what a browser asks for in the user's name."""

    def __init__(self, name, folder, address):
        self.name, self.home, self.secret = name, folder / name, secrets.token_urlsafe(32)
        self.hub, self.api = f"{address}/hub/api/users/{name}", f"{address}/user/{name}/api"
        self.http = requests.Session()
        self.http.trust_env = False  # no proxy between this machine and itself

    def ask(self, method, url, **content):
        answer = self.http.request(method, url, json=content or None, timeout=300)
        if not answer.ok:
            raise InputError(f"The Hub answered {answer.status_code} {answer.reason} to {url}.")
        return answer.json() if answer.content else {}

    def is_answered(self):
        """Whether there is a Hub."""
        try:
            return self.http.get(self.hub.partition("users/")[0], timeout=5).ok
        except requests.ConnectionError:
            return False

    def start_server(self):
        auth = {"username": self.name, "password": self.secret}
        token = self.ask("POST", f"{self.hub}/tokens", auth=auth)["token"]
        self.key = {"Authorization": f"token {token}"}
        self.http.headers.update(self.key)
        self.ask("POST", f"{self.hub}/server")
        while not (server := self.ask("GET", self.hub)["servers"].get("", {})).get("ready"):
            if not server.get("pending"):
                raise InputError(f"The server of {self.name} did not start.")
            time.sleep(0.2)

    def open(self, path):
        """Start the kernel of a notebook; gives the notebook."""
        new = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        self.kernel = f"kernels/{self.ask('POST', f'{self.api}/sessions', **new)['kernel']['id']}"
        address = f"{self.api}/{self.kernel}/channels".replace("http", "ws", 1)
        self.socket = websocket.create_connection(address, 600, header=self.key)
        return nbformat.from_dict(self.ask("GET", f"{self.api}/contents/{path}")["content"])

    def messages(self):
        while frame := self.socket.recv():
            if isinstance(frame, str):
                yield nbformat.from_dict(json.loads(frame))

    def run(self, source):
        """The outputs of a cell."""
        number, outputs = secrets.token_hex(8), []
        header = {"msg_id": number, "msg_type": "execute_request", "session": "", "username": ""}
        content = {"code": source, "silent": False, "allow_stdin": False}
        rest = {"parent_header": {}, "metadata": {}, "buffers": [], "channel": "shell"}
        self.socket.send(json.dumps({"header": header, "content": content} | rest))
        for message in self.messages():
            if message.parent_header.get("msg_id") == number:
                if message.msg_type in OUTPUTS:
                    outputs.append(nbformat.v4.output_from_msg(message))
                if message.content.get("execution_state") == "idle":
                    return outputs
        raise InputError(f"The kernel of {self.name} is gone.")

    def says(self, source):
        """What a cell prints, or the name of its error."""
        return "".join(x.get("text") or x.get("ename") or "" for x in self.run(source)).strip()

    def lesson(self, path):
        """Open a notebook, run its cells, save it; what the learner sees of that."""
        start, seconds = time.monotonic(), []
        notebook = self.open(path)
        cells = [x for x in notebook.cells if x.cell_type == "code" and x.source.strip()]
        for cell in cells:
            cell.outputs = self.run(cell.source)
            seconds.append(time.monotonic() - start)
        self.ask("PUT", f"{self.api}/contents/{path}", type="notebook", content=notebook)
        self.ask("DELETE", f"{self.api}/{self.kernel}")
        errors = sum(output.output_type == "error" for cell in cells for output in cell.outputs)
        return {"first_answer": seconds[0], "seconds": seconds[-1], "errors": errors}
