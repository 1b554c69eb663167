"""A private certificate authority, made with openssl when a test runs."""

import datetime


class Authority:
    """Issues certificates below `env`'s directory; `ca` is the file to trust."""

    def __init__(self, env, name="ca"):
        self.env = env
        self.dir = env.path(name)
        self.dir.mkdir()
        self.ca = self.dir / "ca.pem"
        self.key = self.dir / "ca.key"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-days", "30", "-subj", f"/CN=Test {name}", "-keyout", self.key,
                     "-out", self.ca)
        for file, text in (("index", ""), ("serial", "01\n")):
            (self.dir / file).write_text(text)
        self.config = self.dir / "openssl.cnf"
        self.config.write_text(
            "[ca]\ndefault_ca = own\n[own]\n"
            f"database = {self.dir}/index\nserial = {self.dir}/serial\nnew_certs_dir = {self.dir}\n"
            "default_md = sha256\npolicy = any\nunique_subject = no\ncopy_extensions = copy\n"
            "[any]\ncommonName = supplied\n")

    def openssl(self, *arguments):
        code, out, error = self.env.run("openssl", *arguments)
        assert code == 0, f"openssl {arguments[0]}: {error or out}"

    def issue(self, name, names="", begins=-1, ends=10):
        """A certificate valid from `begins` to `ends` days from now; returns (file, key file).

        `names` is its subjectAltName, as in "DNS:localhost,IP:127.0.0.1".
        """
        request, file, key = (self.dir / f"{name}{end}" for end in (".csr", ".pem", ".key"))
        now = datetime.datetime.now(datetime.timezone.utc)
        dates = [(now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")
                 for days in (begins, ends)]
        extensions = ["-addext", f"subjectAltName={names}"] if names else []
        self.openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                     "-subj", f"/CN={name}", *extensions, "-keyout", key, "-out", request)
        self.openssl("ca", "-batch", "-notext", "-config", self.config, "-cert", self.ca,
                     "-keyfile", self.key, "-startdate", dates[0], "-enddate", dates[1],
                     "-in", request, "-out", file)
        key.chmod(0o600)
        return file, key
