"""A server that speaks as much HTTP/2 as it takes to give up a connection under the requests that were put on it."""
import os
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

HEADERS, SETTINGS, PING, ACK, END_STREAM, END_HEADERS = 1, 4, 6, 1, 1, 4


class Dying:
    """Answers `body` to everything; the first connection ends with the second request that comes on it."""

    def __init__(self, body=b'{"gitVersion":"v1.36.3"}'):
        self.body, self.connections, self.lock = body, 0, threading.Lock()
        self.dir = tempfile.mkdtemp(prefix="strata-h2.")
        pem = self.dir + "/server.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pem, "-out", self.dir + "/ca.pem"],
                       check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.dir + "/ca.pem", pem)
        self.tls.set_alpn_protocols(["h2"])
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "https://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self):
        self.listener.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def kubeconfig(self):
        path = self.dir + "/kubeconfig"
        with open(path, "w") as f:
            f.write("clusters: [{name: c, cluster: {server: '%s', certificate-authority: ca.pem}}]\nusers: [{name: u, user: {token: t}}]\n"
                    "contexts: [{name: h2, context: {cluster: c, user: u}}]\ncurrent-context: h2\n" % self.url)
        os.chmod(path, 0o600)
        return path

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                first = self.connections == 1
            threading.Thread(target=self.serve, args=(sock, first), daemon=True).start()

    def serve(self, sock, dies):
        try:
            with self.tls.wrap_socket(sock, server_side=True) as s:
                self.talk(s, dies)
        except OSError:
            pass

    def talk(self, s, dies):
        def take(n):
            got = b""
            while len(got) < n:
                more = s.recv(n - len(got))
                if not more:
                    raise OSError("gone")
                got += more
            return got

        def frame(kind, flags, stream, payload=b""):
            s.sendall(struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload)

        take(24)                                                # the client's preface
        frame(SETTINGS, 0, 0)
        requests = 0
        while True:
            head = take(9)
            size, kind, flags, stream = int.from_bytes(head[:3], "big"), head[3], head[4], int.from_bytes(head[5:], "big")
            payload = take(size)
            if kind == SETTINGS and not flags & ACK:
                frame(SETTINGS, ACK, 0)
            elif kind == PING and not flags & ACK:
                frame(PING, ACK, 0, payload)
            elif kind == HEADERS:
                requests += 1
                if dies and requests == 2:
                    return
                frame(HEADERS, END_HEADERS, stream, b"\x88")    # :status 200
                frame(0, END_STREAM, stream, self.body)
