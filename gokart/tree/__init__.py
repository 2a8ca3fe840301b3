"""Doors: trees and tables of tasks; the code lives in `gokart.plan`."""
