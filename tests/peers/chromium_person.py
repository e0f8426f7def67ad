"""A person at Chromium, who goes where BROWSER was sent and clicks. Run by chromium.sh.

usage: chromium_person.py PROFILE_DIR ADDRESS_FILE SCREENSHOT (allow | deny | device CODE) PERSON
"""
import sys
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

profile, address_file, screenshot, decision, person = sys.argv[1:6]
code = sys.argv[6] if decision == "device" else None

options = webdriver.ChromeOptions()
options.binary_location = "/usr/bin/chromium"
for flag in (
    "headless",
    "no-sandbox",
    "disable-gpu",
    "disable-dev-shm-usage",
    "disable-background-networking",
    "disable-component-update",
    "disable-sync",
    "no-first-run",
    "window-size=900,500",
    f"user-data-dir={profile}",
):
    options.add_argument("--" + flag)
browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
wait = WebDriverWait(browser, 20)


def address():
    """What the BROWSER script noted."""
    for _ in range(400):
        text = Path(address_file).read_text().strip() if Path(address_file).exists() else ""
        if text:
            return text.splitlines()[-1]
        time.sleep(0.05)
    raise SystemExit("no browser was opened")


def click(text):
    browser.find_element(By.XPATH, f"//button[normalize-space()='{text}']").click()


def page():
    return browser.find_element(By.TAG_NAME, "body").text


try:
    browser.get(address())
    if code:
        fields = browser.find_elements(By.NAME, "user_code")
        shown = [field for field in fields if field.is_displayed()]
        if shown:
            shown[0].send_keys(code)
            click("Next")
    wait.until(lambda _: browser.find_elements(By.NAME, "person"))
    browser.find_element(By.NAME, "person").send_keys(person)
    before = browser.find_element(By.TAG_NAME, "html")
    click("Deny" if decision == "deny" else "Allow")
    wait.until(lambda _: before != browser.find_element(By.TAG_NAME, "html") and page())
    browser.save_screenshot(screenshot)
    print(f"{browser.title}\n{page()}")
finally:
    browser.quit()
