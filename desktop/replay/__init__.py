"""Replays: the turns a model answered, sent to its successor, compared blind, and the verdict on it."""
