"""Database rows: conversion of values, inserts, queries, and text for the search index."""
