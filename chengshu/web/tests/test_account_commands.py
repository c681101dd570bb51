"""The first accounts, from the command line."""


def test_an_account_is_opened_and_appointed(installation):
    added = installation.run("accounts", "add", "mei", "--name", "李梅")
    assert added.returncode == 0, added.stderr
    assert "shown once" in added.stdout
    assert installation.run("accounts", "add", "mei", "--name", "李梅").returncode == 8
    for options, code in (
        (("--organisation", "nowhere", "--role", "handler"), 2),
        (("--organisation", "nowhere", "--role", "king"), 2),
    ):
        told = installation.run("accounts", "appoint", "mei", *options)
        assert told.returncode == code
        assert "usage.accounts" in told.stderr


def test_somebody_is_appointed_in_the_sample_city(installation):
    assert installation.run("sample-organisations").returncode == 0
    assert installation.run("accounts", "add", "mei", "--name", "李梅").returncode == 0
    done = installation.run("accounts", "appoint", "mei", "--organisation", "379001", "--role", "handler")
    assert done.returncode == 0, done.stderr
    assert "handler" in done.stdout
