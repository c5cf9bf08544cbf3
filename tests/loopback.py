"""Whether processes of this machine can talk to each other over 127.0.0.1."""

import socket


def can_connect_to_itself():
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=1).close()
    except OSError:
        return False
    return True
