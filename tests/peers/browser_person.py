"""A person at the browser that `securecart login --browser` opened, who types and clicks.

usage: browser_person.py PORT_FILE STEP…

PORT_FILE is the browser's DevToolsActivePort. A step is `NAME=VALUE[,NAME=VALUE…]`: it waits for a form with these
fields, types into them and submits it; a button is clicked, and
`totp:SECRET` is the code of that moment. `url` prints where the window is, `close` closes it.
"""
import sys
import time
from pathlib import Path

from terminal import answer

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

port_file, *steps = sys.argv[1:]
for _ in range(400):
    if Path(port_file).exists() and Path(port_file).read_text().strip():
        break
    time.sleep(0.05)
else:
    raise SystemExit("the browser did not start")

options = webdriver.ChromeOptions()
options.debugger_address = "127.0.0.1:" + Path(port_file).read_text().splitlines()[0]
browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
wait = WebDriverWait(browser, 20, ignored_exceptions=[WebDriverException])


def shown(name, value=""):
    fields = [field for field in browser.find_elements(By.NAME, name) if field.is_displayed()]
    wanted = [field for field in fields if field.get_attribute("value") == value]
    return next(iter(wanted + fields), None)


def window():
    """A window that was closed leaves the others."""
    browser.switch_to.window(browser.window_handles[-1])
    return True


for step in steps:
    wait.until(lambda _: window())
    if step == "url":
        print(browser.current_url)
    elif step == "close":
        browser.close()
    else:
        answers = [answer.split("=", 1) for answer in step.split(",")]
        wait.until(lambda _: all(shown(name) for name, _ in answers))
        for name, value in answers:
            field = shown(name, value)
            if field.get_attribute("type") in ("radio", "checkbox"):
                field.click()
            elif field.tag_name == "input":
                field.clear()
                field.send_keys(answer(value))
        try:
            last = shown(answers[-1][0])
            last.click() if last.tag_name == "button" else last.submit()
        except WebDriverException:
            # The browser may be closed by then.
            pass
# The browser is securecart's to close.
browser.service.stop()
