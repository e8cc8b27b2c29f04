"""Database rows: conversion of values, inserts, selects and index text."""
